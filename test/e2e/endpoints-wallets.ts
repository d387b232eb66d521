import type { Case, Endpoint } from './endpoint.js';

export const WALLETS: readonly Endpoint[] = [
  {
    path: '/api/wallets',
    valid: { userId: 'u-new', plan: 'PRO' },
    optional: ['plan'],
    ids: ['userId'],
    own: [
      ['unknown plan', { plan: 'GOLD' }, 'plan'],
      ['plan in lower case', { plan: 'pro' }, 'plan'],
      ['plan null', { plan: null }, 'plan'],
      ['plan from the prototype', { plan: 'constructor' }, 'plan'],
      ['a balance', { balance: '1000000' }, 'balance'],
      ['an actor', { actorId: 'admin' }, 'actorId'],
      ['the right to grant', { mayGrant: true }, 'mayGrant'],
    ],
  },
  {
    path: '/api/wallets/u-1/freeze',
    pathIds: { userId: 'u-1' },
    valid: { reason: 'review', reference: 'case-1' },
    optional: ['reference'],
    ids: ['reference'],
    own: [
      ['free text as reason', { reason: 'looks odd' }, 'reason'],
      ['a reason of another command', { reason: 'chargeback' }, 'reason'],
      ['another user in the body', { userId: 'u-2' }, 'userId'],
    ],
  },
  {
    path: '/api/wallets/u-1/unfreeze',
    pathIds: { userId: 'u-1' },
    valid: {},
    own: [['a reason', { reason: 'review' }, 'reason']],
  },
  {
    path: '/api/wallets/u-1/close',
    pathIds: { userId: 'u-1' },
    valid: { remainder: 'pay_back' },
    own: [
      ['unknown remainder', { remainder: 'keep' }, 'remainder'],
      ['remainder as a flag', { remainder: true }, 'remainder'],
      ['an amount', { amount: '5' }, 'amount'],
    ],
  },
  {
    path: '/api/wallets/u-1/thresholds',
    pathIds: { userId: 'u-1' },
    valid: { thresholds: ['5', 7] },
    own: [
      ['11 of them', { thresholds: Array.from({ length: 11 }, (_, i) => i + 1) }, 'thresholds'],
      ['one is 0', { thresholds: ['5', 0] }, 'thresholds'],
      ['one is negative', { thresholds: [-5] }, 'thresholds'],
      ['one is a fraction', { thresholds: ['1.5'] }, 'thresholds'],
      ['one is null', { thresholds: [null] }, 'thresholds'],
      ['one is an array', { thresholds: [['5']] }, 'thresholds'],
      ['a single amount', { thresholds: '5' }, 'thresholds'],
      ['an object', { thresholds: { length: 1, 0: '5' } }, 'thresholds'],
    ],
  },
];

export const CREDITS: readonly Endpoint[] = [
  {
    path: '/api/credits/add',
    valid: { userId: 'u-1', amount: '5', kind: 'promo', reason: 'welcome' },
    ids: ['userId', 'reference'],
    amounts: ['amount'],
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
    path: '/api/credits/revoke',
    valid: { userId: 'u-1', reason: 'chargeback', reference: 'pay-used' },
    ids: ['userId', 'reference'],
    own: [
      ['no payment of this wallet', { reference: 'pay-nowhere' }, 'reference'],
      ['closing is not for callers', { reason: 'closing', reference: undefined }, 'reason'],
      ['both payment and amount', { amount: '5' }, 'amount'],
      ['neither payment nor amount', { reason: 'correction', reference: undefined }, 'amount'],
      ['correction of a payment', { reason: 'correction', amount: '5' }, 'reference'],
      ['correction of 0', { reason: 'correction', reference: undefined, amount: 0 }, 'amount'],
      ['correction of a fraction', { reason: 'correction', reference: undefined, amount: 1.5 }, 'amount'],
      ['lots by name', { lots: ['lot-1'] }, 'lots'],
    ],
  },
  {
    path: '/api/credits/reinstate',
    valid: { userId: 'u-1', reference: 'pay-used' },
    ids: ['userId', 'reference'],
    own: [
      ['a payment that was not revoked', {}, 'reference'],
      ['a reason', { reason: 'chargeback' }, 'reason'],
    ],
  },
];

const SIZES: readonly Case[] = [
  ['size as text', { sizeBytes: '10' }, 'sizeBytes'],
  ['size negative', { sizeBytes: -1 }, 'sizeBytes'],
  ['size a fraction', { sizeBytes: 0.5 }, 'sizeBytes'],
  ['size over 10^15', { sizeBytes: 1e15 + 1 }, 'sizeBytes'],
  ['size null', { sizeBytes: null }, 'sizeBytes'],
  ['size NaN', { sizeBytes: 'NaN' }, 'sizeBytes'],
];
export const PROMPTS: readonly Endpoint[] = [
  {
    path: '/api/prompts',
    valid: { userId: 'u-1', promptId: 'p-bad', visibility: 'private', sizeBytes: 10 },
    ids: ['userId', 'promptId'],
    own: [
      ...SIZES,
      ['unknown visibility', { visibility: 'friends' }, 'visibility'],
      ['its text', { text: 'You are a helpful assistant' }, 'text'],
    ],
  },
  {
    method: 'PATCH',
    path: '/api/prompts/p-used',
    pathIds: { id: 'p-used' },
    valid: { userId: 'u-1', visibility: 'public', sizeBytes: 10 },
    optional: ['visibility', 'sizeBytes'],
    ids: ['userId'],
    own: [
      ...SIZES,
      ['nothing to change', { visibility: undefined, sizeBytes: undefined }, 'body'],
      ['unknown visibility', { visibility: null }, 'visibility'],
      ['another id', { promptId: 'p-2' }, 'promptId'],
    ],
  },
  {
    method: 'DELETE',
    path: '/api/prompts/p-used',
    pathIds: { id: 'p-used' },
    valid: { userId: 'u-1' },
    ids: ['userId'],
  },
];

export const PLANS: readonly Endpoint[] = [
  {
    path: '/api/plans/change',
    valid: { userId: 'u-1', plan: 'ELITE' },
    ids: ['userId'],
    own: [
      ['unknown plan', { plan: 'GOLD' }, 'plan'],
      ['the plan it has', { plan: 'PRO' }, 'plan'],
      ['the right to grant', { mayGrant: true }, 'mayGrant'],
      ['a moment of its own', { effectiveAt: '2999-01-01T00:00:00Z' }, 'effectiveAt'],
    ],
  },
  {
    path: '/api/plans/change/cancel',
    valid: { userId: 'u-1' },
    ids: ['userId'],
    own: [['a plan', { plan: 'FREE' }, 'plan']],
  },
  {
    path: '/api/plans/subscription-payments',
    valid: {
      userId: 'u-1',
      plan: 'PRO',
      reference: 'sub-bad',
      amount: '5',
      from: '2026-11-01T00:00:00Z',
      until: '2026-12-01T00:00:00Z',
    },
    optional: ['from', 'until'],
    ids: ['userId', 'reference'],
    amounts: ['amount'],
    own: [
      ['amount 0', { amount: '0' }, 'amount'],
      ['FREE is not paid', { plan: 'FREE' }, 'plan'],
      ['ends as it begins', { until: '2026-11-01T00:00:00Z' }, 'until'],
      ['ends before it begins', { until: '2026-10-01T00:00:00Z' }, 'until'],
      ['ended before now', { from: undefined, until: '2020-01-01T00:00:00Z' }, 'until'],
      ['begins on no day', { from: '2026-11-31T00:00:00Z' }, 'from'],
      ['a date without a time', { until: '2026-12-01' }, 'until'],
    ],
  },
];
