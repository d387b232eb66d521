import { FlowId, RefundId, RunId } from '#libs/kernel/ids.js';
import type { LotRestored } from '#libs/ledger/wallet/events.js';
import { AT, CREATOR, type GoldenEvents, USER } from './common.js';

const RESTORED: readonly LotRestored[] = [
  { lotId: 'lot-3', kind: 'purchased', origin: 'purchased', amount: 20n, into: 'revoked' },
  { lotId: 'lot-1', kind: 'promo', origin: 'adjustment', amount: 30n, into: 'lot' },
  {
    lotId: 'monthly-2026-10',
    kind: 'monthly',
    origin: 'monthly',
    amount: 49n,
    into: 'refund_lot',
    refundLotId: 'refund-0123456789abcdef-1',
    expiresAt: AT + 30 * 24 * 3_600_000,
  },
];

export const REFUNDS: GoldenEvents = {
  'PromptRefunded.v1': {
    type: 'PromptRefunded',
    userId: USER,
    at: AT,
    runId: RunId.of('run-1'),
    refundId: RefundId.of('refund-1'),
    reason: 'quality',
    amount: 150n,
    creatorId: CREATOR,
    chargedAt: AT - 3,
    parts: { inference: 100n, markup: 20n, byokFee: 5n, platformShare: 5n, creatorShare: 20n },
    refunded: { inference: 200n, markup: 40n, byokFee: 10n, platformShare: 10n, creatorShare: 40n },
    uncollected: 11n,
    restored: RESTORED,
    allowance: 40n,
  },
  'FlowUnlockRefunded.v1': {
    type: 'FlowUnlockRefunded',
    userId: USER,
    at: AT,
    flowId: FlowId.of('flow-1'),
    refundId: RefundId.of('refund-2'),
    reason: 'fraud',
    amount: 99n,
    creatorId: CREATOR,
    chargedAt: AT - 4,
    creatorShare: 80n,
    platformShare: 19n,
    restored: RESTORED,
  },
};
