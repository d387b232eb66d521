import { UserId, CreatorId, FlowId, HoldId, PaymentId, PromptId, RefundId, RunId } from '#libs/kernel/ids.js';
import type { CreatorPaid } from '#libs/ledger/creator/events.js';
import type { PaymentRegistered } from '#libs/ledger/payment/payment.js';
import type {
  CreditsAdded,
  CreditsExpired,
  CreditsHeld,
  CreditsReinstated,
  CreditsRevoked,
  FlowUnlocked,
  FlowUnlockRefunded,
  HoldReleased,
  PlanChanged,
  PromptCharged,
  PromptCreated,
  PromptRefunded,
  SubscriptionPaid,
  WalletOpened,
} from '#libs/ledger/wallet/events.js';
import type { LoggedEvent } from '#libs/projection-runner/projection.js';

export const AT = Date.UTC(2026, 2, 14, 15, 9, 26);
export const MARCH = Date.UTC(2026, 2, 1);
export const APRIL = Date.UTC(2026, 3, 1);
export const EVENT_ID = '0b7c1f5e-9a3d-4c62-8f10-2d4e6a8b9c01';

/** An event as projections get it: position 42, revision 3 of wallet-u-1, available 700 and held 40 afterwards. */
export function logged(event: LoggedEvent['event'], how: Partial<LoggedEvent> = {}): LoggedEvent {
  return {
    event,
    id: EVENT_ID,
    stream: 'wallet-u-1',
    revision: 3,
    position: 42n,
    recordedAt: AT + 5,
    metadata: {
      principal: 'local',
      key: 'key-1',
      bodyHash: 'hash-1',
      balance: { available: 700n, held: 40n, monthly: 0n, promo: 0n, refund: 0n, purchased: 740n },
    },
    ...how,
  };
}

const USER = UserId.of('u-1');

export const opened: WalletOpened = {
  type: 'WalletOpened',
  userId: USER,
  at: AT,
  plan: 'PRO',
  planTable: 'standard',
  planTableVersion: 1,
  coverage: 'granted',
};

export const bought: CreditsAdded = {
  type: 'CreditsAdded',
  userId: USER,
  at: AT,
  lotId: 'lot-1',
  kind: 'purchased',
  origin: 'purchased',
  amount: 1_000n,
  reference: 'pay-1',
  paymentId: PaymentId.of('pay-1'),
};

export const granted: CreditsAdded = {
  type: 'CreditsAdded',
  userId: USER,
  at: AT,
  lotId: 'monthly-2026-03',
  kind: 'monthly',
  origin: 'monthly',
  amount: 15_000_000n,
  expiresAt: APRIL,
};

export const expired: CreditsExpired = {
  type: 'CreditsExpired',
  userId: USER,
  at: AT,
  lotId: 'monthly-2026-02',
  kind: 'monthly',
  origin: 'monthly',
  amount: 250n,
};

export const charged: PromptCharged = {
  type: 'PromptCharged',
  userId: USER,
  at: AT,
  runId: RunId.of('run-1'),
  promptId: PromptId.of('prompt-1'),
  model: 'gpt-4',
  inputTokens: 5,
  outputTokens: 3,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  purpose: 'run',
  byok: false,
  creatorId: UserId.of('c-1'),
  policy: 'three-part-v1',
  rateCard: 'standard',
  rateCardVersion: 1,
  inference: 330n,
  markup: 0n,
  byokFee: 0n,
  creatorFee: 99n,
  creatorShare: 80n,
  platformShare: 19n,
  total: 429n,
  draws: [
    { lotId: 'monthly-2026-03', kind: 'monthly', origin: 'monthly', amount: 129n },
    { lotId: 'lot-1', kind: 'purchased', origin: 'purchased', amount: 300n },
  ],
  allowance: 0n,
  uncollected: 0n,
};

export const unlocked: FlowUnlocked = {
  type: 'FlowUnlocked',
  userId: USER,
  at: AT,
  flowId: FlowId.of('flow-1'),
  creatorId: UserId.of('c-1'),
  price: 7n,
  creatorShare: 6n,
  platformShare: 1n,
  draws: [{ lotId: 'lot-1', kind: 'purchased', origin: 'purchased', amount: 7n }],
};

export const paid: CreatorPaid = {
  type: 'CreatorPaid',
  creatorId: CreatorId.of('c-1'),
  at: AT + 60,
  amount: 80n,
  earnedAt: AT,
  funding: {
    purchased: 56n,
    promo: 0n,
    monthly: 24n,
    adjustment: 0n,
    legacy: 0n,
    allowance: 0n,
    uncollected: 0n,
  },
  source: { kind: 'prompt', position: 42n, eventId: EVENT_ID, userId: USER, reference: 'run-1' },
};

export const registered: PaymentRegistered = {
  type: 'PaymentRegistered',
  paymentId: PaymentId.of('pay-1'),
  userId: USER,
  amount: 1_000n,
  at: AT,
};

export const held: CreditsHeld = {
  type: 'CreditsHeld',
  userId: USER,
  at: AT,
  holdId: HoldId.of('hold-1'),
  runId: RunId.of('run-1'),
  model: 'gpt-4',
  purpose: 'run',
  byok: false,
  creatorFee: 0n,
  amount: 900n,
  parts: [{ lotId: 'lot-1', kind: 'purchased', origin: 'purchased', amount: 500n }],
  allowance: 400n,
  policy: 'three-part-v1',
  rateCard: 'standard',
  rateCardVersion: 1,
  byokFeeBasisPoints: 0n,
  expiresAt: AT + 900_000,
};

export const released: HoldReleased = {
  type: 'HoldReleased',
  userId: USER,
  at: AT,
  holdId: held.holdId,
  runId: held.runId,
  cause: 'caller',
  parts: held.parts,
};

/** The lot had lapsed in part: 50 go to a refund lot, 20 back, and 9 of a revoked lot lower what is uncollected. */
export const refunded: PromptRefunded = {
  type: 'PromptRefunded',
  userId: USER,
  at: AT,
  runId: charged.runId,
  refundId: RefundId.of('refund-1'),
  reason: 'quality',
  amount: 100n,
  creatorId: UserId.of('c-1'),
  chargedAt: AT - 1,
  parts: { inference: 70n, markup: 0n, byokFee: 0n, platformShare: 6n, creatorShare: 24n },
  refunded: { inference: 80n, markup: 0n, byokFee: 0n, platformShare: 7n, creatorShare: 25n },
  restored: [
    { lotId: 'lot-1', kind: 'purchased', origin: 'purchased', amount: 20n, into: 'lot' },
    {
      lotId: 'monthly-2026-02',
      kind: 'monthly',
      origin: 'monthly',
      amount: 50n,
      into: 'refund_lot',
      refundLotId: 'refund-1-monthly',
      expiresAt: APRIL,
    },
    { lotId: 'lot-0', kind: 'purchased', origin: 'purchased', amount: 9n, into: 'revoked' },
  ],
  uncollected: 11n,
  allowance: 10n,
};

export const flowRefunded: FlowUnlockRefunded = {
  type: 'FlowUnlockRefunded',
  userId: USER,
  at: AT + 9,
  flowId: unlocked.flowId,
  refundId: RefundId.of('refund-2'),
  reason: 'duplicate',
  amount: 7n,
  creatorId: UserId.of('c-1'),
  chargedAt: AT,
  creatorShare: 6n,
  platformShare: 1n,
  restored: [{ lotId: 'lot-1', kind: 'purchased', origin: 'purchased', amount: 7n, into: 'lot' }],
};

export const revoked: CreditsRevoked = {
  type: 'CreditsRevoked',
  userId: USER,
  at: AT,
  reason: 'chargeback',
  paymentId: PaymentId.of('pay-1'),
  lots: [{ lotId: 'lot-1', kind: 'purchased', origin: 'purchased', amount: 600n, spent: 390n, expired: 10n }],
};

export const reinstated: CreditsReinstated = {
  type: 'CreditsReinstated',
  userId: USER,
  at: AT,
  paymentId: PaymentId.of('pay-1'),
  lots: [{ lotId: 'lot-1', kind: 'purchased', origin: 'purchased', amount: 609n, spent: 381n, expired: 10n }],
};

export const subscriptionPaid: SubscriptionPaid = {
  type: 'SubscriptionPaid',
  userId: USER,
  at: AT,
  plan: 'PRO',
  paymentId: PaymentId.of('pay-2'),
  amount: 20_000_000n,
  from: MARCH,
  until: APRIL,
};

export const planChanged: PlanChanged = {
  type: 'PlanChanged',
  userId: USER,
  at: AT,
  from: 'FREE',
  to: 'PRO',
  cause: 'upgrade',
  coverage: 'paid',
  planTable: 'standard',
  planTableVersion: 2,
};

export const promptCreated: PromptCreated = {
  type: 'PromptCreated',
  userId: USER,
  at: AT,
  promptId: PromptId.of('prompt-1'),
  visibility: 'private',
  sizeBytes: 1_200,
};
