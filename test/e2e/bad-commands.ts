import type { BadRequest } from './bad-request.js';
import { BAD_AMOUNTS, BAD_IDS, BAD_KEYS, BAD_TOKENS, RAW_AMOUNTS } from './bad-values.js';
import { malformed, invalid } from './malformed.js';

export type Body = Readonly<Record<string, unknown>>;
type Case = readonly [name: string, change: Body, ...fields: string[]];

const KIB = 1024;
const BODY_BYTES_MAX = 256 * KIB;
const KEY = 'bad-input';

export interface Endpoint {
  readonly path: string;
  readonly valid: Body;
  /** Fields of each kind, for the cases that every such field must refuse. */
  readonly ids: readonly string[];
  readonly amounts: readonly string[];
  readonly tokens: readonly string[];
  readonly own: readonly Case[];
  readonly keyed: boolean;
}

const RUN = { model: 'gpt-4', inputTokens: 10, outputTokens: 5 };
const RUN_OWN: readonly Case[] = [
  ['model is a number', { model: 4 }, 'model'],
  ['model is empty', { model: '' }, 'model'],
  ['model with a line break', { model: 'gpt-4\n' }, 'model'],
  ['byok as text', { byok: 'true' }, 'byok'],
  ['fee without creator', { creatorId: undefined, creatorFee: '5' }, 'creatorFee'],
  ['fee above the maximum', { creatorId: 'c', creatorFee: '100000001' }, 'creatorFee'],
  ['usage object, not in this version', { usage: { prompt_tokens: 1 } }, 'usage'],
  ['quote, not in this version', { quoteId: 'q' }, 'quoteId'],
  ['several at once', { model: '', inputTokens: -1, role: 'admin' }, 'inputTokens', 'model', 'role'],
];

export const COMMANDS: readonly Endpoint[] = [
  {
    path: '/api/wallets',
    valid: { userId: 'u-new', plan: 'PRO' },
    ids: ['userId'],
    amounts: [],
    tokens: [],
    keyed: true,
    own: [
      ['unknown plan', { plan: 'GOLD' }, 'plan'],
      ['plan in lower case', { plan: 'pro' }, 'plan'],
      ['plan null', { plan: null }, 'plan'],
      ['plan from the prototype', { plan: 'constructor' }, 'plan'],
      ['a balance', { balance: '1000000' }, 'balance'],
      ['an actor', { actorId: 'admin' }, 'actorId'],
    ],
  },
  {
    path: '/api/credits/add',
    valid: { userId: 'u-1', amount: '5', kind: 'promo', reason: 'welcome' },
    ids: ['userId', 'reference'],
    amounts: ['amount'],
    tokens: [],
    keyed: true,
    own: [
      ['amount 0', { amount: 0 }, 'amount'],
      ['amount "0"', { amount: '0' }, 'amount'],
      ['unknown kind', { kind: 'monthly' }, 'kind'],
      ['purchase without payment', { kind: 'purchased', reason: undefined }, 'reference'],
      ['purchase with reason', { kind: 'purchased', reference: 'p' }, 'reason'],
      ['promo without reason', { reason: undefined }, 'reason'],
      ['free text as reason', { reason: 'because I like them' }, 'reason'],
      ['expired before it came', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
      ['30 February', { expiresAt: '2999-02-30T00:00:00Z' }, 'expiresAt'],
      ['no time zone', { expiresAt: '2999-01-01T00:00:00' }, 'expiresAt'],
      ['local time zone', { expiresAt: '2999-01-01T00:00:00+01:00' }, 'expiresAt'],
      ['time as a number', { expiresAt: 32472144000000 }, 'expiresAt'],
      ['a position', { position: '1' }, 'position'],
    ],
  },
  {
    path: '/api/credits/charge-prompt',
    valid: { userId: 'u-1', runId: 'run-bad', ...RUN },
    ids: ['userId', 'runId', 'promptId', 'creatorId'],
    amounts: ['creatorFee'],
    tokens: ['inputTokens', 'outputTokens', 'cachedInputTokens', 'cacheWriteTokens'],
    keyed: true,
    own: [
      ...RUN_OWN,
      ['unknown purpose', { purpose: 'fun' }, 'purpose'],
      ['ran more than 5 minutes ahead', { ranAt: '2999-01-01T00:00:00Z' }, 'ranAt'],
      ['ran on no day', { ranAt: '2026-13-01T00:00:00Z' }, 'ranAt'],
      ['hold, not in this version', { holdId: 'h' }, 'holdId'],
      ['the item key of a bulk', { idempotencyKey: 'k' }, 'idempotencyKey'],
    ],
  },
  {
    path: '/api/credits/calculate-cost',
    valid: RUN,
    ids: ['userId', 'creatorId'],
    amounts: ['creatorFee'],
    tokens: ['inputTokens', 'outputTokens', 'cachedInputTokens', 'cacheWriteTokens'],
    keyed: false,
    own: [
      ...RUN_OWN,
      ['policy not offered', { policy: 'graduated-v2' }, 'policy'],
      ['a run id', { runId: 'r' }, 'runId'],
    ],
  },
  {
    path: '/api/flows/unlock',
    valid: { userId: 'u-1', flowId: 'f-bad', creatorId: 'c-1', price: '99' },
    ids: ['userId', 'flowId', 'creatorId'],
    amounts: ['price'],
    tokens: [],
    keyed: true,
    own: [
      ['price 0', { price: '0' }, 'price'],
      ['price above the maximum', { price: '100000001' }, 'price'],
      ['shares of its own', { creatorShare: '99' }, 'creatorShare'],
      ['missing creator', { creatorId: undefined }, 'creatorId'],
    ],
  },
];

/** Every way to get a command wrong before it is decided. */
export function badCommands(endpoint: Endpoint): BadRequest[] {
  const { path, valid, ids, amounts, tokens, own, keyed } = endpoint;
  const key = keyed ? { key: KEY } : {};
  const refused = (name: string, body: unknown, ...fields: string[]): BadRequest => ({
    ...invalid(path, name, { ...key, body }),
    fields,
  });
  const each = (fields: readonly string[], bad: readonly (readonly [string, unknown])[]): BadRequest[] =>
    fields.flatMap((field) =>
      bad.map(([name, value]) => refused(`${field}: ${name}`, { ...valid, [field]: value }, field)),
    );
  const raw = amounts.flatMap((field) =>
    RAW_AMOUNTS.map(([name, text]) =>
      refused(
        `${field}: ${name}`,
        JSON.stringify({ ...valid, [field]: 0 }).replace(`"${field}":0`, `"${field}":${text}`),
        field,
      ),
    ),
  );
  const required = Object.keys(valid).filter((field) => !OPTIONAL.includes(field));
  return [
    ...each(ids, BAD_IDS),
    ...each(amounts, BAD_AMOUNTS),
    ...raw,
    ...each(tokens, BAD_TOKENS),
    ...required.map((field) => refused(`${field}: missing`, { ...valid, [field]: undefined }, field)),
    ...own.map(([name, change, ...fields]) => refused(name, { ...valid, ...change }, ...fields)),
    ...(keyed
      ? BAD_KEYS.map(([name, bad]): BadRequest => ({
          ...invalid(path, `key: ${name}`, { ...bad, body: valid }),
          fields: ['Idempotency-Key'],
        }))
      : []),
    ...malformed(path, JSON.stringify(valid), key, BODY_BYTES_MAX),
  ];
}

/** Fields of the valid bodies that may be left out. */
const OPTIONAL: readonly string[] = ['plan'];
