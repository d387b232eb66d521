import type { Case, Endpoint } from './endpoint.js';

const RUN = { model: 'gpt-4', inputTokens: 10, outputTokens: 5 };
const BUCKETS = ['inputTokens', 'outputTokens', 'cachedInputTokens', 'cacheWriteTokens'];
const CACHED_TWICE = {
  prompt_tokens: 10,
  completion_tokens: 5,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 11 },
};
const NO_COUNTS = { inputTokens: undefined, outputTokens: undefined };
const RUN_OWN: readonly Case[] = [
  ['model is a number', { model: 4 }, 'model'],
  ['model is empty', { model: '' }, 'model'],
  ['model with a line break', { model: 'gpt-4\n' }, 'model'],
  ['byok as text', { byok: 'true' }, 'byok'],
  ['fee without creator', { creatorId: undefined, creatorFee: '5' }, 'creatorFee'],
  ['fee above the maximum', { creatorId: 'c', creatorFee: '100000001' }, 'creatorFee'],
  ['usage beside the counts', { usage: { prompt_tokens: 1, completion_tokens: 1 } }, 'usage'],
  ['usage of no provider', { ...NO_COUNTS, usage: { tokens: 5 } }, 'usage'],
  ['usage is text', { ...NO_COUNTS, usage: 'prompt_tokens: 5' }, 'usage'],
  ['usage is an array', { ...NO_COUNTS, usage: [] }, 'usage'],
  [
    'usage that does not add up',
    { ...NO_COUNTS, usage: CACHED_TWICE },
    'usage.prompt_tokens_details.cached_tokens',
  ],
  ['several at once', { model: '', inputTokens: -1, role: 'admin' }, 'inputTokens', 'model', 'role'],
];
const QUOTE_OWN: readonly Case[] = [
  ['quote of nobody', { quoteId: 'q' }, 'quoteId'],
  ['quote with a forged signature', { quoteId: `q1.W10.${'A'.repeat(43)}` }, 'quoteId'],
  ['quote is empty', { quoteId: '' }, 'quoteId'],
  ['quote is an object', { quoteId: {} }, 'quoteId'],
];

export const RUNS: readonly Endpoint[] = [
  {
    path: '/api/credits/charge-prompt',
    valid: { userId: 'u-1', runId: 'run-bad', ...RUN },
    ids: ['userId', 'runId', 'promptId', 'creatorId', 'holdId'],
    amounts: ['creatorFee'],
    tokens: BUCKETS,
    own: [
      ...RUN_OWN,
      ...QUOTE_OWN,
      ['quote beside a hold', { holdId: 'h-open', quoteId: 'q' }, 'quoteId'],
      ['unknown purpose', { purpose: 'fun' }, 'purpose'],
      ['ran more than 5 minutes ahead', { ranAt: '2999-01-01T00:00:00Z' }, 'ranAt'],
      ['ran on no day', { ranAt: '2026-13-01T00:00:00Z' }, 'ranAt'],
      ['an amount, which a hold has', { amount: '5' }, 'amount'],
      ['the item key of a bulk', { idempotencyKey: 'k' }, 'idempotencyKey'],
    ],
  },
  {
    path: '/api/credits/calculate-cost',
    keyed: false,
    valid: RUN,
    ids: ['userId', 'creatorId'],
    amounts: ['creatorFee'],
    tokens: BUCKETS,
    own: [
      ...RUN_OWN,
      ['unknown policy', { policy: 'free-for-all' }, 'policy'],
      ['a quote', { quoteId: 'q' }, 'quoteId'],
      ['a run id', { runId: 'r' }, 'runId'],
    ],
  },
  {
    path: '/api/credits/holds',
    valid: { userId: 'u-1', holdId: 'h-bad', runId: 'run-bad', ...RUN },
    ids: ['userId', 'holdId', 'runId', 'creatorId'],
    amounts: ['creatorFee'],
    tokens: BUCKETS,
    own: [
      ...RUN_OWN,
      ...QUOTE_OWN,
      ['amount beside tokens', { amount: '5' }, 'amount'],
      [
        'amount beside usage',
        { ...NO_COUNTS, usage: { input_tokens: 1, output_tokens: 1 }, amount: 5 },
        'amount',
      ],
      ['amount 0', { ...NO_COUNTS, amount: 0 }, 'amount'],
      ['amount negative', { ...NO_COUNTS, amount: '-5' }, 'amount'],
      ['amount below the fee', { ...NO_COUNTS, amount: '5', creatorId: 'c', creatorFee: 6 }, 'amount'],
      ['no life', { ttlSeconds: 0 }, 'ttlSeconds'],
      ['more than a day', { ttlSeconds: 86_401 }, 'ttlSeconds'],
      ['half a second', { ttlSeconds: 0.5 }, 'ttlSeconds'],
      ['seconds as text', { ttlSeconds: '900' }, 'ttlSeconds'],
      ['its end as a time', { expiresAt: '2999-01-01T00:00:00Z' }, 'expiresAt'],
      ['unknown purpose', { purpose: 'fun' }, 'purpose'],
    ],
  },
  {
    path: '/api/credits/holds/h-open/release',
    pathIds: { id: 'h-open' },
    valid: { userId: 'u-1' },
    ids: ['userId'],
    own: [
      ['another hold in the body', { holdId: 'h-2' }, 'holdId'],
      ['a cause', { cause: 'timeout' }, 'cause'],
    ],
  },
  {
    path: '/api/credits/refunds',
    valid: { userId: 'u-1', runId: 'run-used', refundId: 'f-bad', amount: '5', reason: 'error' },
    optional: ['amount'],
    ids: ['userId', 'runId', 'refundId'],
    amounts: ['amount'],
    own: [
      ['amount 0', { amount: 0 }, 'amount'],
      ['a reason of another command', { reason: 'chargeback' }, 'reason'],
      ['its parts', { parts: { inference: '5' } }, 'parts'],
    ],
  },
];

export const FLOWS: readonly Endpoint[] = [
  {
    path: '/api/flows/unlock',
    valid: { userId: 'u-1', flowId: 'f-bad', creatorId: 'c-1', price: '99' },
    ids: ['userId', 'flowId', 'creatorId'],
    amounts: ['price'],
    own: [
      ['price 0', { price: '0' }, 'price'],
      ['price above the maximum', { price: '100000001' }, 'price'],
      ['shares of its own', { creatorShare: '99' }, 'creatorShare'],
    ],
  },
  {
    path: '/api/flows/refunds',
    valid: { userId: 'u-1', flowId: 'f-used', refundId: 'f-bad', reason: 'error' },
    ids: ['userId', 'flowId', 'refundId'],
    own: [
      ['a part of it', { amount: '5' }, 'amount'],
      ['free text as reason', { reason: 'did not like it' }, 'reason'],
    ],
  },
];
