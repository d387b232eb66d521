import type { BadRequest } from './bad-request.js';
import { TEXT_IDS } from './bad-values.js';

/** What a read of a running ledger needs to be wrong in: its log, and a cursor of another user. */
export interface ReadScene {
  readonly logId: string;
  readonly foreignCursor: string;
  /** Of the same user, for another filter. */
  readonly otherCursor: string;
}

const bad = (name: string, path: string, ...fields: string[]): BadRequest => ({
  name,
  method: 'GET',
  path,
  status: 400,
  code: 'request.invalid',
  fields,
});

const noRoute = (name: string, path: string, method: BadRequest['method'] = 'GET'): BadRequest => ({
  name,
  method,
  path,
  status: 404,
  code: 'route.not_found',
});

const query = (path: string, parameters: string): string =>
  `${path}${path.includes('?') ? '&' : '?'}${parameters}`;

function badPositions(path: string, field: string, { logId }: ReadScene): BadRequest[] {
  const cases: readonly (readonly [string, string])[] = [
    ['empty', ''],
    ['a bare number', '42'],
    ['of another log', `${logId === '00000000' ? '11111111' : '00000000'}-1`],
    ['beyond the head', `${logId}-999999999`],
    ['negative', `${logId}--1`],
    ['over 64 bits', `${logId}-9999999999999999999`],
    ['20 digits', `${logId}-99999999999999999999`],
    ['NUL', `${logId}-1%00`],
    ['SQL', `${logId}-1'%20or%20true--`],
    ['given twice', `${logId}-1&${field}=${logId}-1`],
  ];
  return cases.map(([name, value]) => bad(`${field}: ${name}`, query(path, `${field}=${value}`), field));
}

function badUsers(path: string): BadRequest[] {
  return [
    bad('userId: missing', path, 'userId'),
    ...TEXT_IDS.map(([name, id]) =>
      bad(`userId: ${name}`, `${path}?userId=${encodeURIComponent(id)}`, 'userId'),
    ),
    bad('userId: given twice', `${path}?userId=u-1&userId=u-2`, 'userId'),
    bad('userId: as an array', `${path}?userId[]=u-1`, 'userId', 'userId[]'),
    bad('userId: as an object', `${path}?userId[$ne]=u-1`, 'userId', 'userId[$ne]'),
    bad('userId: invalid UTF-8', `${path}?userId=%ff`, 'userId'),
    bad('an unknown parameter', `${path}?userId=u-1&role=admin`, 'role'),
    bad('__proto__', `${path}?userId=u-1&__proto__=1`, '__proto__'),
    noRoute('wrong method', `${path}?userId=u-1`, 'DELETE'),
  ];
}

function badTransactions(scene: ReadScene): BadRequest[] {
  const path = '/api/credits/transactions?userId=u-1';
  const limits = ['-1', '0', '1001', '1000000000', '1e2', '1.5', '05', '', 'ten', '%2050', '50&limit=50'];
  const cursors: readonly (readonly [string, string])[] = [
    ['empty', ''],
    ['made up', '42'],
    ['unsigned', `42.${'A'.repeat(43)}`],
    ['another user’s', scene.foreignCursor],
    ['of another filter', scene.otherCursor],
    ['cut', scene.foreignCursor.slice(0, -1)],
  ];
  return [
    ...limits.map((limit) => bad(`limit: ${limit}`, `${path}&limit=${limit}`, 'limit')),
    ...cursors.map(([name, cursor]) => bad(`cursor: ${name}`, `${path}&cursor=${cursor}`, 'cursor')),
    ...['charge', 'PROMPT_CHARGE', '', "'", 'expiry&type=expiry', 'constructor'].map((type) =>
      bad(`type: ${type}`, `${path}&type=${type}`, 'type'),
    ),
    ...['yesterday', '2026-02-30T00:00:00Z', '1700000000000', '2026-11-20T00:00:00%2B01:00'].flatMap(
      (time) => [
        bad(`from: ${time}`, `${path}&from=${time}`, 'from'),
        bad(`to: ${time}`, `${path}&to=${time}`, 'to'),
      ],
    ),
    bad('to before from', `${path}&from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z`, 'to'),
    bad('an order to sort by', `${path}&sort=amount;drop table`, 'sort'),
  ];
}

function badNotifications(): BadRequest[] {
  const inbox = '/api/notifications?userId=u-1';
  const webhook = '/api/notifications/webhooks/5f0c1a2b-3c4d-8e6f-a012-3456789abcde/deliveries';
  return [
    ...['/api/notifications/preferences', '/api/notifications/webhooks'].flatMap((path) =>
      badUsers(path).filter(({ method }) => method === 'GET'),
    ),
    ...badUsers('/api/notifications'),
    ...['yes', '1', '', 'true&unread=true'].map((unread) =>
      bad(`unread: ${unread}`, `${inbox}&unread=${unread}`, 'unread'),
    ),
    ...[inbox, `${webhook}?userId=u-1`].flatMap((path) => [
      ...['0', '1001', '1.5', 'ten'].map((limit) =>
        bad(`limit: ${limit}`, `${path}&limit=${limit}`, 'limit'),
      ),
      bad('limit: given twice', `${path}&limit=5&limit=5`, 'limit'),
    ]),
    ...['', '42', `42.${'A'.repeat(43)}`].map((cursor) =>
      bad(`cursor: ${cursor}`, `${inbox}&cursor=${cursor}`, 'cursor'),
    ),
    bad('deliveries of no user', webhook, 'userId'),
    bad('campaigns: a parameter', '/api/notifications/campaigns?state=done', 'state'),
    bad('campaign: a parameter', '/api/notifications/campaigns/c-1?userId=u-1', 'userId'),
    bad('campaign: no id', '/api/notifications/campaigns/%24all', 'id'),
  ];
}

function badPayouts({ foreignCursor }: ReadScene): BadRequest[] {
  const paged = ['/api/payouts/runs', '/api/payouts/runs/run-1', '/api/payouts/transfers'];
  return [
    ...paged.flatMap((path) => [
      ...['0', '-1', '1001', 'ten'].map((limit) => bad(`limit: ${limit}`, `${path}?limit=${limit}`, 'limit')),
      bad('cursor: of another list', `${path}?cursor=${foreignCursor}`, 'cursor'),
      bad('an unknown parameter', `${path}?approved=true`, 'approved'),
    ]),
    bad('format: unknown', '/api/payouts/runs/run-1?format=xml', 'format'),
    bad('state: unknown', '/api/payouts/transfers?state=lost', 'state'),
    ...TEXT_IDS.map(([name, id]) =>
      bad(`creatorId: ${name}`, `/api/payouts/transfers?creatorId=${encodeURIComponent(id)}`, 'creatorId'),
    ),
    ...TEXT_IDS.filter(([name]) => name !== 'empty').map(([name, id]) =>
      bad(`id: ${name}`, `/api/payouts/runs/${encodeURIComponent(id)}`, 'id'),
    ),
    { ...noRoute('a run that does not exist', '/api/payouts/runs/run-1'), code: 'payout.not_found' },
  ];
}

/** Every way to get a read wrong. */
export function badReads(scene: ReadScene): BadRequest[] {
  const users = ['/api/credits/balance', '/api/credits/transactions', '/api/flows/unlocked'];
  const earnings = '/api/creators/c-1/earnings';
  return [
    ...users.flatMap((path) => [
      ...badUsers(path),
      ...badPositions(`${path}?userId=u-1`, 'minPosition', scene),
    ]),
    ...badTransactions(scene),
    // An empty path segment is another route.
    ...TEXT_IDS.filter(([name]) => name !== 'empty').map(([name, id]) =>
      bad(`id: ${name}`, `/api/creators/${encodeURIComponent(id)}/earnings`, 'id'),
    ),
    noRoute('id: empty', '/api/creators//earnings'),
    ...badPositions(earnings, 'minPosition', scene),
    bad('an unknown parameter', `${earnings}?month=2026-11`, 'month'),
    { ...bad('id: broken encoding', '/api/creators/%zz/earnings'), fields: ['url'] },
    ...badPayouts(scene),
    ...badPositions('/api/ledger/trial-balance', 'asOf', scene),
    ...badPositions('/api/ledger/trial-balance', 'minPosition', scene),
    bad('an unknown parameter', '/api/ledger/trial-balance?account=platform:cash', 'account'),
    ...badNotifications(),
    bad('an unknown parameter', '/api/models?provider=openai', 'provider'),
    ...(['POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method) =>
      noRoute(`${method} of a read`, '/api/models', method),
    ),
    ...['/api/models/', '/API/models', '/api//models', '/api/models/gpt-4', '/api/..%2fhealth'].map((path) =>
      noRoute('no such route', path),
    ),
  ];
}
