import { FlowId, HoldId, PaymentId, RefundId, RunId } from '#libs/kernel/ids.js';
import type {
  AuthoriseRunCommand,
  RefundFlowCommand,
  RefundPromptCommand,
  ReinstateCreditsCommand,
  ReleaseHoldCommand,
  RevokePayment,
} from '#libs/ledger/wallet/commands.js';
import type {
  CreditsHeld,
  CreditsReinstated,
  CreditsRevoked,
  FlowUnlockRefunded,
  HoldReleased,
  LotDraw,
  LotRevoked,
  PromptRefunded,
  RefundParts,
} from '#libs/ledger/wallet/events.js';
import type { HoldReleaseCause } from '#libs/ledger/wallet/vocabulary.js';
import { CREATOR, NOW, USER } from './wallet-builders.js';

/** Holds, refunds and revocations of one wallet, complete by default; a test names only what it is about. */

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;
export const HOLD = HoldId.of('hold-1');

export const authorise = (amount: bigint, more: Partial<AuthoriseRunCommand> = {}): AuthoriseRunCommand => ({
  type: 'AuthoriseRun',
  userId: USER,
  holdId: HOLD,
  runId: RunId.of('run-1'),
  model: 'gpt-4',
  creatorFee: 0n,
  byok: false,
  purpose: 'run',
  estimate: { amount },
  ttlMs: 15 * MINUTE_MS,
  ...more,
});

export const release = (holdId = HOLD): ReleaseHoldCommand => ({ type: 'ReleaseHold', userId: USER, holdId });

export const held = (
  amount: bigint,
  parts: readonly LotDraw[],
  more: Partial<CreditsHeld> = {},
): CreditsHeld => ({
  type: 'CreditsHeld',
  userId: USER,
  at: NOW,
  holdId: HOLD,
  runId: RunId.of('run-1'),
  model: 'gpt-4',
  purpose: 'run',
  byok: false,
  creatorFee: 0n,
  amount,
  parts,
  allowance: 0n,
  policy: 'three-part-v1',
  rateCard: 'standard',
  rateCardVersion: 1,
  byokFeeBasisPoints: 0n,
  expiresAt: (more.at ?? NOW) + 15 * MINUTE_MS,
  ...more,
});

export const released = (
  cause: HoldReleaseCause,
  parts: readonly LotDraw[],
  more: Partial<HoldReleased> = {},
): HoldReleased => ({
  type: 'HoldReleased',
  userId: USER,
  at: NOW,
  holdId: HOLD,
  runId: RunId.of('run-1'),
  cause,
  parts,
  ...more,
});

export const refund = (amount?: bigint, more: Partial<RefundPromptCommand> = {}): RefundPromptCommand => ({
  type: 'RefundPrompt',
  userId: USER,
  runId: RunId.of('run-1'),
  refundId: RefundId.of('refund-1'),
  reason: 'quality',
  ...(amount === undefined ? {} : { amount }),
  ...more,
});

export const parts = (more: Partial<RefundParts> = {}): RefundParts => ({
  inference: 0n,
  markup: 0n,
  byokFee: 0n,
  platformShare: 0n,
  creatorShare: 0n,
  ...more,
});

export const refunded = (
  amount: bigint,
  more: Partial<PromptRefunded> & Pick<PromptRefunded, 'parts' | 'restored'>,
): PromptRefunded => ({
  type: 'PromptRefunded',
  userId: USER,
  at: NOW,
  refundId: RefundId.of('refund-1'),
  runId: RunId.of('run-1'),
  reason: 'quality',
  amount,
  chargedAt: NOW,
  refunded: more.parts,
  uncollected: 0n,
  allowance: 0n,
  ...more,
});

export const refundFlow = (more: Partial<RefundFlowCommand> = {}): RefundFlowCommand => ({
  type: 'RefundFlow',
  userId: USER,
  flowId: FlowId.of('flow-1'),
  refundId: RefundId.of('refund-1'),
  reason: 'quality',
  ...more,
});

export const flowRefunded = (
  amount: bigint,
  [creatorShare, platformShare]: readonly [bigint, bigint],
  restored: FlowUnlockRefunded['restored'],
  more: Partial<FlowUnlockRefunded> = {},
): FlowUnlockRefunded => ({
  type: 'FlowUnlockRefunded',
  userId: USER,
  at: NOW,
  refundId: RefundId.of('refund-1'),
  flowId: FlowId.of('flow-1'),
  reason: 'quality',
  amount,
  creatorId: CREATOR,
  chargedAt: NOW,
  creatorShare,
  platformShare,
  restored,
  ...more,
});

export const chargeback = (more: Partial<RevokePayment> = {}): RevokePayment => ({
  type: 'RevokeCredits',
  userId: USER,
  reason: 'chargeback',
  paymentId: PaymentId.of('pay-1'),
  ...more,
});

export const reinstate = (): ReinstateCreditsCommand => ({
  type: 'ReinstateCredits',
  userId: USER,
  paymentId: PaymentId.of('pay-1'),
});

export const lotRevoked = (draw: LotDraw, spent = 0n, expired = 0n): LotRevoked => ({
  ...draw,
  spent,
  expired,
});

export const revoked = (lots: readonly LotRevoked[], more: Partial<CreditsRevoked> = {}): CreditsRevoked => ({
  type: 'CreditsRevoked',
  userId: USER,
  at: NOW,
  reason: 'chargeback',
  paymentId: PaymentId.of('pay-1'),
  lots,
  ...more,
});

export const reinstated = (lots: readonly LotRevoked[]): CreditsReinstated => ({
  type: 'CreditsReinstated',
  userId: USER,
  at: NOW,
  paymentId: PaymentId.of('pay-1'),
  lots,
});
