import { request } from 'node:http';
import { connect } from 'node:net';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { PROBLEMS } from '#apps/api/problem/codes.js';
import { badCommands } from './bad-commands.js';
import type { BadRequest } from './bad-request.js';
import { badReads } from './bad-reads.js';
import { CHARGE, openScene, SCENE_SIGNING_KEY, UNLOCK } from './bad-scene.js';
import type { Endpoint } from './endpoint.js';
import { ENDPOINTS } from './endpoints.js';
import { type Answer, type HttpClient, type Json } from './http-client.js';
import { invalid, malformed } from './malformed.js';
import { MET_ELSEWHERE, refusedCommands } from './refused-commands.js';
import { done, useLedger } from './support.js';

const BULK = '/api/credits/charge-prompts';
/** Judged by its signature: test/integration/payout-webhooks.spec.ts. */
const STRIPE_WEBHOOK_PATH = '/api/payouts/webhooks/stripe';
const BULK_BODY_BYTES_MAX = 16 * 1024 * 1024;
const CASES_EACH_MIN = 8;

const ledger = useLedger({ env: { SIGNING_KEY: SCENE_SIGNING_KEY } });
let http: HttpClient;
const scene = { logId: '', foreignCursor: '', otherCursor: '' };

beforeAll(async () => {
  http = ledger.http;
  await openScene(http);
  await done(http, '/api/credits/charge-prompt', { ...CHARGE, userId: 'u-2', runId: 'r' });
  const last = await done(http, '/api/credits/charge-prompt', { ...CHARGE, runId: 'run-last' });
  const position = String(last.json['position']);
  const cursorOf = async (query: string): Promise<string> => {
    const { json } = await http.get(`/api/credits/transactions?limit=1&minPosition=${position}&${query}`);
    return String(json['nextCursor']);
  };
  scene.logId = ledger.store.logId;
  scene.foreignCursor = await cursorOf('userId=u-2');
  scene.otherCursor = await cursorOf('userId=u-1&type=prompt_charge');
  await settled();
}, 60_000);

/** Waits until settlement has written what it still owed: from then on only a request can move the head. */
async function settled(): Promise<void> {
  for (;;) {
    const { json } = await http.get('/api/ledger/trial-balance');
    const accounts = json['accounts'] as unknown as Json[];
    const open = accounts.filter(
      ({ account, balance }) => String(account).startsWith('clearing:') && String(balance) !== '0',
    );
    const { json: health } = await http.get('/health/ready');
    const behind = (health['views'] as unknown as Json[]).filter(({ behind }) => String(behind) !== '0');
    if (open.length === 0 && behind.length === 0) return;
    await new Promise((later) => setTimeout(later, 20));
  }
}

async function check({ method = 'POST', path, question, status, code, fields }: BadRequest): Promise<void> {
  const head = await ledger.store.head();
  const answer = await http.send(method, path, question);
  expectProblem(answer, { status, code, ...(fields === undefined ? {} : { fields }) });
  expect(await ledger.store.head()).toBe(head);
}

function expectProblem(
  { status, json, headers, text }: Answer,
  expected: Pick<BadRequest, 'status' | 'code' | 'fields'>,
): void {
  const named = (json['errors'] as unknown as Json[] | undefined)?.map(({ field }) => String(field));
  expect({ status, code: json['code'], fields: named && [...new Set(named)].sort() }).toEqual({
    ...expected,
    fields: expected.fields && [...expected.fields].sort(),
  });
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(json).toMatchObject({
    type: `urn:promptflow-ledger:problem:${expected.code}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
  });
  // Nothing of the machine is told: no stack, no file.
  expect(text).not.toMatch(/node_modules|\.ts:|\.js:/);
}

/** A dead entry would be worse than a slow test: cases are named, so that a table can be run as one. */
async function checkAll(cases: readonly BadRequest[]): Promise<void> {
  expect(cases.length).toBeGreaterThanOrEqual(CASES_EACH_MIN);
  const failures: string[] = [];
  for (const each of cases) {
    await check(each).catch((error: unknown) =>
      failures.push(`${each.method} ${each.path.slice(0, 100)} - ${each.name}: ${String(error)}`),
    );
  }
  expect(failures).toEqual([]);
}

describe('a malformed command is refused by field', () => {
  test.each(
    ENDPOINTS.map(
      (endpoint) => [`${endpoint.method ?? 'POST'} ${endpoint.path}`, badCommands(endpoint)] as const,
    ),
  )('%s', (_route, cases) => checkAll(cases), 60_000);

  test('no route with a body is left out', async () => {
    const { json } = await http.get('/api/docs-json');
    const described = Object.entries(json['paths']!).flatMap(([path, methods]) =>
      Object.keys(methods as Json)
        .filter((method) => method !== 'get' && path !== BULK && path !== STRIPE_WEBHOOK_PATH)
        .map((method) => `${method} ${path}`),
    );
    const left = described.filter(
      (route) => !ENDPOINTS.some((endpoint) => matches(route, routeOf(endpoint))),
    );
    expect(left).toEqual([]);
  });

  test('an Idempotency-Key sent twice', async () => {
    const status = await new Promise((resolve, reject) => {
      const sending = request(
        `${http.url}/api/wallets`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': ['a', 'b'] },
          agent: false,
        },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      sending.on('error', reject).end(JSON.stringify({ userId: 'u-new' }));
    });
    expect(status).toBe(400);
  });
});

describe('a read is refused by parameter', () => {
  const paths = [
    '/api/credits/balance',
    '/api/credits/transactions',
    '/api/flows/unlocked',
    '/api/creators',
    '/api/payouts',
    '/api/ledger/trial-balance',
    '/api/models',
    '/api/notifications',
  ];
  test.each(paths)(
    'GET %s',
    async (path) => {
      const all = badReads(scene);
      expect(
        all.filter((each) => !paths.some((known) => belongs(each, known))).map((each) => each.path),
      ).toEqual([]);
      await checkAll(all.filter((each) => belongs(each, path)));
    },
    60_000,
  );

  const belongs = ({ path }: BadRequest, to: string): boolean =>
    path.startsWith(to) || (to === '/api/models' && /^\/(API|api\/\/|api\/\.\.)/.test(path));
});

describe('a bulk', () => {
  const item = { ...CHARGE, runId: 'run-bulk-bad' };
  const whole: BadRequest[] = [
    ...malformed({
      path: BULK,
      text: JSON.stringify({ items: [item] }),
      key: {},
      bodyBytesMax: BULK_BODY_BYTES_MAX,
    }).filter(
      // In a bulk the first name is that of the items; the other cases are the same as for one charge.
      ({ name }) => name !== 'body: NaN',
    ),
    ...(
      [
        ['no items', {}],
        ['items is null', { items: null }],
        ['items is an object', { items: { 0: item } }],
        ['items is empty', { items: [] }],
        ['10,001 items', { items: Array.from({ length: 10_001 }, () => 0) }],
      ] as const
    ).map(([name, body]): BadRequest => ({ ...invalid(BULK, name, { body }), fields: ['items'] })),
    ...['true', 1, null].map((atomicPerWallet): BadRequest => ({
      ...invalid(BULK, `atomicPerWallet: ${JSON.stringify(atomicPerWallet)}`, {
        body: { items: [item], atomicPerWallet },
      }),
      fields: ['atomicPerWallet'],
    })),
    { ...invalid(BULK, 'an unknown field', { body: { items: [item], dryRun: true } }), fields: ['dryRun'] },
    {
      ...invalid(BULK, 'a name twice in an item', { body: '{"items":[{"runId":1,"runId":2}]}' }),
      fields: ['body'],
    },
  ];

  test('that is malformed itself is refused as a whole', () => checkAll(whole), 60_000);

  test('answers each malformed item by its own fields, and charges none of them', async () => {
    const charge = ENDPOINTS.find(({ path }) => path === '/api/credits/charge-prompt')!;
    const cases = badCommands(charge).filter(
      ({ name, question }) =>
        typeof question?.body === 'object' &&
        !/^(body|key|too|content|query|the item key)/.test(name) &&
        question.key,
    );
    expect(cases.length).toBeGreaterThan(60);
    const head = await ledger.store.head();
    const items = [...cases.map(({ question }) => question!.body), 7, null, 'text', [item]];
    const { status, json } = await http.post(BULK, { body: { items } });
    expect(status).toBe(200);
    const answers = (json['items'] as unknown as Json[]).map(({ index, status, code, errors }) => ({
      index,
      status,
      code,
      fields: (errors as unknown as Json[]).map(({ field }) => String(field)).sort(),
    }));
    const refused = (fields: readonly string[], index: number) => ({
      index,
      status: 400,
      code: 'request.invalid',
      fields: [...fields].sort(),
    });
    expect(answers).toEqual(
      [...cases.map(({ fields }) => fields ?? []), ['item'], ['item'], ['item'], ['item']].map(refused),
    );
    expect(await ledger.store.head()).toBe(head);
  });

  test('keeps an item key to its rule', async () => {
    const keys = ['', 'k'.repeat(256), 'clé', 'a\nb', 7, null];
    const { json } = await http.post(BULK, {
      body: { items: keys.map((idempotencyKey) => ({ ...item, idempotencyKey })) },
    });
    for (const answer of json['items'] as unknown as Json[]) {
      expect(answer).toMatchObject({ status: 400, errors: [{ field: 'idempotencyKey' }] });
    }
  });
});

describe('a command that is well-formed and refused changes nothing', () => {
  test.each(refusedCommands.map((each) => [each.name, each] as const))('%s', async (_name, each) => {
    await check(each);
  });

  test('every refusal that can be met here is met', () => {
    const met = new Set(refusedCommands.map(({ code }) => code));
    const codes = Object.keys(PROBLEMS).filter((code) => !(code in MET_ELSEWHERE));
    expect(codes.filter((code) => !met.has(code))).toEqual([]);
    expect(Object.keys(MET_ELSEWHERE).filter((code) => met.has(code))).toEqual([]);
  });

  test('every refusal is named where the OpenAPI document describes its route', async () => {
    const { json } = await http.get('/api/docs-json');
    const templates = Object.keys(json['paths']!).sort((a, b) => a.split('{').length - b.split('{').length);
    const missing = refusedCommands.filter(({ path, method = 'POST', status, code }) => {
      const template = templates.find((each) => matches(each, path.split('?')[0]!))!;
      const operation = json['paths']![template]?.[method.toLowerCase()];
      return !String(operation?.['responses']?.[status]?.['description']).includes(`\`${code}\``);
    });
    expect(missing.map(({ name, path, code }) => `${path} - ${name}: ${code}`)).toEqual([]);
  });

  test('too few credits says how many are needed and available', async () => {
    const body = { ...UNLOCK, userId: 'u-poor', price: '100001' };
    const { json } = await http.post('/api/flows/unlock', { key: 'k', body });
    expect(json).toMatchObject({ needed: '100001', available: '100000' });
  });
});

const routeOf = ({ method = 'POST', path }: Endpoint): string => `${method.toLowerCase()} ${path}`;

const matches = (template: string, path: string): boolean => {
  const [parts, given] = [template.split('/'), path.split('/')];
  return parts.length === given.length && parts.every((part, i) => part.startsWith('{') || part === given[i]);
};

describe('what is no HTTP request of ours', () => {
  const raw = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(http.url).port), '127.0.0.1', () => socket.end(bytes));
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      socket.on('error', reject).on('close', () => resolve(text));
    });

  test.each([
    ['no HTTP at all', 'hello\r\n\r\n', '400', 'request.invalid'],
    [
      'headers of 1 MB',
      `GET / HTTP/1.1\r\nHost: a\r\nx: ${'x'.repeat(1_000_000)}\r\n\r\n`,
      '413',
      'request.too_large',
    ],
    [
      'broken percent-encoding',
      'GET /api/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      '400',
      'request.invalid',
    ],
    ['an unknown method', 'BREW / HTTP/1.1\r\nHost: a\r\n\r\n', '400', 'request.invalid'],
    [
      'two lengths',
      'POST /api/wallets HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
      '400',
      'request.invalid',
    ],
    [
      'a length that is none',
      'POST /api/wallets HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n{}',
      '400',
      'request.invalid',
    ],
  ])('%s', async (_name, bytes, status, code) => {
    const answer = await raw(bytes);
    expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    expect(answer).toContain(`"code":"${code}"`);
  });
});

test('the books still balance after all that', async () => {
  expect((await http.get('/api/ledger/trial-balance')).json['total']).toBe('0');
});
