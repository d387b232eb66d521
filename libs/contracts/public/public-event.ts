/**
 * What the world outside the ledger is told (integration events): a promise, unlike the stored events behind it.
 * Amounts are decimal strings of credits (1,000,000 = $1.00), times ISO 8601 UTC. Within a version fields may be added,
 * never removed or retyped.
 */

interface OfUser {
  readonly userId: string;
}

interface OfCreator {
  readonly creatorId: string;
}

/** What the wallet holds right after the event. */
export interface PublicBalance {
  readonly available: string;
  readonly held: string;
}

interface ChangesBalance extends OfUser {
  /** Absent when the event does not say. */
  readonly balanceAfter?: PublicBalance;
}

export interface WalletOpenedData extends OfUser {
  readonly plan: string;
}

export type WalletClosedData = OfUser;

export interface WalletFrozenData extends OfUser {
  readonly reason: string;
}

export type WalletUnfrozenData = OfUser;

export interface PlanChangedData extends OfUser {
  readonly from: string;
  readonly to: string;
  /** upgrade, scheduled or unpaid. */
  readonly cause: string;
}

export interface PlanChangeScheduledData extends OfUser {
  readonly plan: string;
  readonly effectiveAt: string;
}

export interface SubscriptionPaidData extends OfUser {
  readonly plan: string;
  readonly paymentId: string;
  readonly amount: string;
  readonly from: string;
  readonly until: string;
}

export interface CreditsAddedData extends ChangesBalance {
  readonly lotId: string;
  /** monthly, promo, refund or purchased. */
  readonly kind: string;
  /** purchased, promo, monthly, adjustment or legacy. */
  readonly origin: string;
  readonly amount: string;
  readonly reason?: string;
  readonly reference?: string;
  readonly expiresAt?: string;
}

export interface CreditsExpiredData extends ChangesBalance {
  readonly lotId: string;
  readonly kind: string;
  readonly origin: string;
  readonly amount: string;
}

export interface CreditsRevokedData extends ChangesBalance {
  readonly reason: string;
  readonly paymentId?: string;
  /** What was left in the lots and is gone now. */
  readonly amount: string;
  /** What had been spent before. */
  readonly spent: string;
}

export interface CreditsReinstatedData extends ChangesBalance {
  readonly paymentId: string;
  /** What went back into the lots. */
  readonly amount: string;
}

export interface PromptChargedData extends ChangesBalance {
  readonly runId: string;
  readonly promptId?: string;
  readonly model: string;
  /** run or test. */
  readonly purpose: string;
  readonly byok: boolean;
  readonly inferenceCost: string;
  readonly creatorFee: string;
  readonly platformMarkup: string;
  readonly byokFee: string;
  readonly total: string;
  readonly creatorId?: string;
  readonly holdId?: string;
  readonly uncollected: string;
}

export interface PromptRefundedData extends ChangesBalance {
  readonly runId: string;
  readonly refundId: string;
  readonly amount: string;
  readonly reason: string;
}

export interface FlowUnlockedData extends ChangesBalance {
  readonly flowId: string;
  readonly creatorId: string;
  readonly price: string;
}

export interface FlowUnlockRefundedData extends ChangesBalance {
  readonly flowId: string;
  readonly creatorId: string;
  readonly refundId: string;
  readonly amount: string;
  readonly reason: string;
}

export interface BalanceThresholdCrossedData extends OfUser {
  readonly threshold: string;
  readonly available: string;
}

export interface CreatorPaidData extends OfCreator {
  readonly amount: string;
  readonly earnedAt: string;
  /** prompt or flow. */
  readonly source: string;
  /** Run id of a prompt, flow id of a flow. */
  readonly reference: string;
}

export interface CreatorEarningsReversedData extends OfCreator {
  readonly amount: string;
  readonly earnedAt: string;
  /** prompt_refund or flow_refund. */
  readonly source: string;
  readonly reference: string;
}

export interface PayoutDestinationVerifiedData extends OfCreator {
  readonly provider: string;
  /** The provider's own id of the account, never bank details. */
  readonly reference: string;
}

export interface PayoutRequestedData extends OfCreator {
  readonly payoutId: string;
  /** Whole cents: a multiple of 10,000 credits. */
  readonly amount: string;
  readonly provider: string;
  /** The provider's id of the account. */
  readonly destination: string;
}

export interface PayoutSentData extends OfCreator {
  readonly payoutId: string;
  readonly amount: string;
  /** The provider's id of the transfer. */
  readonly reference?: string;
}

export type PayoutSettledData = PayoutSentData;

export interface PayoutFailedData extends OfCreator {
  readonly payoutId: string;
  readonly amount: string;
  /** requested, sent or settled. */
  readonly failedFrom: string;
  readonly reason: string;
}

/** Every public type with its version, and what it carries. */
export interface PublicEventData {
  readonly 'promptflow.wallet.opened.v1': WalletOpenedData;
  readonly 'promptflow.wallet.closed.v1': WalletClosedData;
  readonly 'promptflow.wallet.frozen.v1': WalletFrozenData;
  readonly 'promptflow.wallet.unfrozen.v1': WalletUnfrozenData;
  readonly 'promptflow.plan.changed.v1': PlanChangedData;
  readonly 'promptflow.plan.change_scheduled.v1': PlanChangeScheduledData;
  readonly 'promptflow.subscription.paid.v1': SubscriptionPaidData;
  readonly 'promptflow.credits.added.v1': CreditsAddedData;
  readonly 'promptflow.credits.expired.v1': CreditsExpiredData;
  readonly 'promptflow.credits.revoked.v1': CreditsRevokedData;
  readonly 'promptflow.credits.reinstated.v1': CreditsReinstatedData;
  readonly 'promptflow.prompt.charged.v1': PromptChargedData;
  readonly 'promptflow.prompt.refunded.v1': PromptRefundedData;
  readonly 'promptflow.flow.unlocked.v1': FlowUnlockedData;
  readonly 'promptflow.flow.unlock_refunded.v1': FlowUnlockRefundedData;
  readonly 'promptflow.balance.threshold_crossed.v1': BalanceThresholdCrossedData;
  readonly 'promptflow.creator.paid.v1': CreatorPaidData;
  readonly 'promptflow.creator.earnings_reversed.v1': CreatorEarningsReversedData;
  readonly 'promptflow.payout.destination_verified.v1': PayoutDestinationVerifiedData;
  readonly 'promptflow.payout.requested.v1': PayoutRequestedData;
  readonly 'promptflow.payout.sent.v1': PayoutSentData;
  readonly 'promptflow.payout.settled.v1': PayoutSettledData;
  readonly 'promptflow.payout.failed.v1': PayoutFailedData;
}

export type PublicEventType = keyof PublicEventData;

export interface PublicEventOf<Type extends PublicEventType> {
  /** The stored event's id: the same however often the message comes. */
  readonly id: string;
  readonly type: Type;
  /** `wallet-<userId>` or `creator-<creatorId>`: events of one stream come in their order. */
  readonly stream: string;
  /** `<logId>-<position>`: place in the whole log, increasing within a stream. */
  readonly position: string;
  /** When the store recorded it, ISO 8601 UTC. */
  readonly time: string;
  /** Of the request that caused it, when one is known. */
  readonly correlationId?: string;
  readonly data: PublicEventData[Type];
}

/** One public event, told apart by `type`. */
export type PublicEvent = { [Type in PublicEventType]: PublicEventOf<Type> }[PublicEventType];
