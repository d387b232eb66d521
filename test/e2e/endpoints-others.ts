import type { Case, Endpoint } from './endpoint.js';

const FUTURE = '2999-01-01T00:00:00Z';
const MODELS = [{ model: 'gpt-4', input: '30000000', output: '60000000' }];
const TIMES: readonly Case[] = [
  ['takes effect at no time', { effectiveFrom: 'tomorrow' }, 'effectiveFrom'],
  ['takes effect in the past', { effectiveFrom: '2020-01-01T00:00:00Z' }, 'effectiveFrom'],
];
const LIMIT = { kind: 'limited', max: 3 };
const PLAN = {
  monthly: { kind: 'granted', planCredits: '10' },
  privatePrompts: LIMIT,
  testRuns: LIMIT,
  storageBytes: LIMIT,
  models: ['deepseek'],
  privateModels: false,
  byok: false,
};
const FOUR_PLANS = { FREE: PLAN, PRO: PLAN, ELITE: PLAN, ENTERPRISE: PLAN };

/** Rates, policies and plans. What is nested in them has tables of its own beside the code. */
export const CATALOGUE: readonly Endpoint[] = [
  {
    path: '/api/rate-cards',
    valid: { rateCard: 'standard', effectiveFrom: FUTURE, models: MODELS },
    ids: ['rateCard'],
    own: [
      ...TIMES,
      ['models as an object', { models: {} }, 'models'],
      ['a rate that is a fraction', { models: [{ ...MODELS[0], input: 1.5 }] }, 'models[0].input'],
      ['a version of its own', { version: 7 }, 'version'],
    ],
  },
  {
    path: '/api/pricing/policies',
    valid: { policy: 'graduated-v2', rateCard: 'standard', effectiveFrom: FUTURE },
    ids: ['rateCard'],
    own: [
      ...TIMES,
      ['unknown policy', { policy: 'free-for-all' }, 'policy'],
      ['more than all as BYOK fee', { byokFeeBasisPoints: 10_001 }, 'byokFeeBasisPoints'],
      ['half a basis point', { byokFeeBasisPoints: 0.5 }, 'byokFeeBasisPoints'],
    ],
  },
  {
    path: '/api/plans',
    valid: { table: 'standard', effectiveFrom: FUTURE, planCredit: '10000', plans: FOUR_PLANS },
    ids: ['table'],
    amounts: ['planCredit'],
    own: [
      ...TIMES,
      ['plan credit 0', { planCredit: 0 }, 'planCredit'],
      ['plans as an array', { plans: [] }, 'plans'],
      [
        'a limit of -1',
        { plans: { ...FOUR_PLANS, PRO: { ...PLAN, testRuns: { kind: 'limited', max: -1 } } } },
        'plans.PRO.testRuns.max',
      ],
    ],
  },
  {
    path: '/api/pricing/what-if',
    keyed: false,
    valid: { policy: 'graduated-v2', from: '2026-10-01T00:00:00Z', to: '2026-11-01T00:00:00Z' },
    optional: ['policy', 'from', 'to'],
    own: [
      ['unknown policy', { policy: 'free-for-all' }, 'policy'],
      ['ends before it begins', { to: '2026-09-01T00:00:00Z' }, 'to'],
      ['rate card by name alone', { rateCard: 'standard' }, 'rateCard'],
      ['version 0', { rateCard: { id: 'standard', version: 0 } }, 'rateCard.version'],
      ['a plan table without id', { planTable: {} }, 'planTable.id'],
    ],
  },
];

const PAYOUT = '/api/creators/c-1/payouts/po-1';
const PAYOUT_IDS = { id: 'c-1', payoutId: 'po-1' };

export const CREATORS: readonly Endpoint[] = [
  {
    path: '/api/creators/c-1/payout-destination',
    pathIds: { id: 'c-1' },
    valid: { provider: 'bank', reference: 'acct-7' },
    ids: ['provider', 'reference'],
    own: [['bank details', { iban: 'DE00 1234' }, 'iban']],
  },
  {
    path: '/api/creators/c-1/payouts',
    pathIds: { id: 'c-1' },
    valid: { payoutId: 'po-1', amount: '10000000' },
    optional: ['amount'],
    ids: ['payoutId'],
    amounts: ['amount'],
    own: [
      ['amount 0', { amount: '0' }, 'amount'],
      ['a part of a cent', { amount: '10000001' }, 'amount'],
      ['a destination of its own', { destination: 'acct-9' }, 'destination'],
    ],
  },
  ...['sent', 'settled'].map((state): Endpoint => ({
    path: `${PAYOUT}/${state}`,
    pathIds: PAYOUT_IDS,
    valid: { reference: 'tr-1' },
    optional: ['reference'],
    ids: ['reference'],
    own: [['an amount', { amount: '5' }, 'amount']],
  })),
  {
    path: `${PAYOUT}/failed`,
    pathIds: PAYOUT_IDS,
    valid: { reason: 'returned' },
    own: [['free text as reason', { reason: 'bank said no' }, 'reason']],
  },
];

export const MIGRATIONS: readonly Endpoint[] = [
  {
    path: '/api/wallets/migrations',
    valid: { userId: 'u-old', plan: 'PRO', purchased: '5', monthly: '0', other: 7 },
    ids: ['userId'],
    amounts: ['purchased', 'monthly', 'other'],
    own: [
      ['unknown plan', { plan: 'GOLD' }, 'plan'],
      ['a balance', { balance: '12' }, 'balance'],
    ],
  },
];

/** Without fields of their own. */
export const PAYOUT_RUNS: readonly Endpoint[] = [
  { path: '/api/payouts/runs', valid: {} },
  ...['approve', 'reject'].map((decision) => ({
    path: `/api/payouts/runs/run-1/${decision}`,
    pathIds: { id: 'run-1' },
    valid: {},
  })),
  {
    path: '/api/payouts/transfers/c-1/po-1/resolve',
    pathIds: { creatorId: 'c-1', payoutId: 'po-1' },
    valid: {},
  },
];
