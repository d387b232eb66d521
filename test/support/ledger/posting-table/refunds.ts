import { FlowId, RefundId, RunId } from '#libs/kernel/ids.js';
import type { FlowUnlockRefunded, LotRestored, PromptRefunded } from '#libs/ledger/wallet/events.js';
import { LOT_KINDS, type LotKind, type LotOrigin } from '#libs/ledger/wallet/vocabulary.js';
import { CREATOR, draw, NOW, USER } from '../wallet-builders.js';
import type { Row } from './row.js';

const back = (
  into: LotRestored['into'],
  lotId: string,
  kind: LotKind,
  amount: bigint,
  origin?: LotOrigin,
): LotRestored => ({
  ...draw(lotId, kind, amount, origin),
  into,
  ...(into === 'refund_lot' ? { refundLotId: `refund-${lotId}` } : {}),
});

const NO_PARTS = { inference: 0n, markup: 0n, byokFee: 0n, platformShare: 0n, creatorShare: 0n };

const refunded = (
  parts: Partial<PromptRefunded['parts']>,
  restored: readonly LotRestored[],
  more: Partial<PromptRefunded> = {},
): PromptRefunded => ({
  type: 'PromptRefunded',
  userId: USER,
  at: NOW,
  runId: RunId.of('run-1'),
  refundId: RefundId.of('refund-1'),
  reason: 'quality',
  amount: Object.values(parts).reduce((sum, part) => sum + part, 0n),
  chargedAt: NOW,
  parts: { ...NO_PARTS, ...parts },
  refunded: { ...NO_PARTS, ...parts },
  uncollected: 0n,
  restored,
  allowance: 0n,
  ...more,
});

const flowRefunded = (
  [creatorShare, platformShare]: readonly [bigint, bigint],
  ...restored: readonly LotRestored[]
): FlowUnlockRefunded => ({
  type: 'FlowUnlockRefunded',
  userId: USER,
  at: NOW,
  flowId: FlowId.of('flow-1'),
  refundId: RefundId.of('refund-2'),
  reason: 'quality',
  amount: creatorShare + platformShare,
  creatorId: CREATOR,
  chargedAt: NOW,
  creatorShare,
  platformShare,
  restored,
});

export const PROMPT_REFUNDED: readonly Row[] = [
  [
    'parts of every component, back into lots that are still there',
    refunded(
      { inference: 300n, markup: 30n, byokFee: 3n, platformShare: 20n, creatorShare: 80n },
      [back('lot', 'b', 'purchased', 400n), back('lot', 'c', 'promo', 23n), back('lot', 'a', 'promo', 10n)],
      { creatorId: CREATOR },
    ),
    {
      'revenue:inference': -300n,
      'revenue:markup': -30n,
      'revenue:byok': -3n,
      'revenue:creator_fee_share': -20n,
      'clearing:creator:c-1': -80n,
      'wallet:u-1:purchased': 400n,
      'wallet:u-1:promo': 33n,
    },
  ],
  ...LOT_KINDS.map((kind): Row => [
    `back into a lot of kind ${kind}`,
    refunded({ inference: 7n }, [back('lot', 'a', kind, 7n)]),
    { 'revenue:inference': -7n, [`wallet:u-1:${kind}`]: 7n },
  ]),
  ...LOT_KINDS.map((kind): Row => [
    `a lot of kind ${kind} that had lapsed comes back as a refund lot`,
    refunded({ inference: 7n }, [back('refund_lot', 'a', kind, 7n)]),
    { 'revenue:inference': -7n, 'wallet:u-1:refund': 7n },
  ]),
  [
    'a cancelled shortfall and a part of a revoked lot are no longer uncollected',
    refunded({ inference: 10n }, [back('revoked', 'a', 'purchased', 4n)], { uncollected: 6n }),
    { 'revenue:inference': -10n, 'expense:uncollected': 10n },
  ],
  [
    'the part that an allowance covered',
    refunded({ inference: 9n, markup: 1n }, [back('lot', 'a', 'monthly', 1n)], { allowance: 9n }),
    {
      'revenue:inference': -9n,
      'revenue:markup': -1n,
      'wallet:u-1:monthly': 1n,
      'platform:allowance_expense': 9n,
    },
  ],
];

export const FLOW_UNLOCK_REFUNDED: readonly Row[] = [
  [
    'both shares, to a lot, a refund lot and what was uncollected',
    flowRefunded(
      [80n, 19n],
      back('revoked', 'c', 'purchased', 9n),
      back('refund_lot', 'b', 'monthly', 50n),
      back('lot', 'a', 'promo', 40n),
    ),
    {
      'revenue:creator_fee_share': -19n,
      'clearing:creator:c-1': -80n,
      'expense:uncollected': 9n,
      'wallet:u-1:refund': 50n,
      'wallet:u-1:promo': 40n,
    },
  ],
  [
    'a price too small for a platform share',
    flowRefunded([4n, 0n], back('lot', 'a', 'refund', 4n)),
    { 'clearing:creator:c-1': -4n, 'wallet:u-1:refund': 4n },
  ],
];
