import { PayoutId } from '#libs/kernel/ids.js';
import { AT, CREATOR, type GoldenEvents, USER } from './common.js';

const SOURCE = {
  position: 9_007_199_254_740_993n,
  eventId: '00000000-0000-4000-8000-000000000001',
  userId: USER,
  reference: 'run-1',
};
const PAYOUT = { creatorId: CREATOR, at: AT, payoutId: PayoutId.of('payout-1'), amount: 12_340_000n };

export const CREATORS: GoldenEvents = {
  // Stored before a run could be left unpaid.
  'CreatorPaid.v1': {
    type: 'CreatorPaid',
    creatorId: CREATOR,
    at: AT,
    amount: 803n,
    earnedAt: AT - 2,
    funding: {
      purchased: 1n,
      promo: 2n,
      monthly: 3n,
      adjustment: 4n,
      legacy: 5n,
      allowance: 788n,
      uncollected: 0n,
    },
    source: { kind: 'prompt', ...SOURCE },
  },
  'CreatorPaid.v1-uncollected': {
    type: 'CreatorPaid',
    creatorId: CREATOR,
    at: AT,
    amount: 803n,
    earnedAt: AT - 2,
    funding: {
      purchased: 1n,
      promo: 2n,
      monthly: 3n,
      adjustment: 4n,
      legacy: 5n,
      allowance: 88n,
      uncollected: 700n,
    },
    source: { kind: 'prompt', ...SOURCE },
  },
  'CreatorEarningsReversed.v1': {
    type: 'CreatorEarningsReversed',
    creatorId: CREATOR,
    at: AT,
    amount: 803n,
    earnedAt: AT - 2,
    source: { kind: 'prompt_refund', ...SOURCE },
  },
  'PayoutDestinationVerified.v1': {
    type: 'PayoutDestinationVerified',
    creatorId: CREATOR,
    at: AT,
    provider: 'stripe',
    reference: 'acct-1',
  },
  'PayoutRequested.v1': { type: 'PayoutRequested', ...PAYOUT, provider: 'stripe', destination: 'acct-1' },
  'PayoutSent.v1': { type: 'PayoutSent', ...PAYOUT, reference: 'transfer-1' },
  'PayoutSettled.v1': { type: 'PayoutSettled', ...PAYOUT, reference: 'transfer-1' },
  'PayoutFailed.v1': { type: 'PayoutFailed', ...PAYOUT, failedFrom: 'sent', reason: 'account_closed' },
};
