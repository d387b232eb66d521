import type { Credits } from '#libs/kernel/credits.js';
import type { FlowId, HoldId, PaymentId, PromptId, RefundId, RunId, UserId } from '#libs/kernel/ids.js';
import type { PlanName } from '../plans/plan-table.js';
import type { Price } from '../pricing/policy.js';
import type { TokenCounts } from '../pricing/tokens.js';
import type {
  FreezeReason,
  HoldReleaseCause,
  LotKind,
  LotOrigin,
  PlanChangeCause,
  PlanCoverage,
  PromptVisibility,
  RefundReason,
  RestoredInto,
  RevokeReason,
  RunPurpose,
} from './vocabulary.js';

/** Part of a lot: what paid for something, was reserved or lapsed. */
export interface LotDraw {
  readonly lotId: string;
  readonly kind: LotKind;
  readonly origin: LotOrigin;
  readonly amount: Credits;
}

/** What a purchase was paid with: currency (ISO 4217), minor units net of tax, the provider's fee in minor units. */
export interface CostBasis {
  readonly currency: string;
  readonly minorUnits: bigint;
  readonly providerFeeMinorUnits: bigint;
}

interface WalletFact {
  readonly userId: UserId;
  /** When it happened, milliseconds since the epoch; never before the stream's last event. */
  readonly at: number;
}

export interface WalletOpened extends WalletFact {
  readonly type: 'WalletOpened';
  readonly plan: PlanName;
  readonly planTable: string;
  readonly planTableVersion: number;
  /** Why the plan runs; FREE needs no cover. */
  readonly coverage: PlanCoverage;
}

/** Closed for good: nothing but money's own facts (a late settle, a chargeback, a dispute won) is taken after it. */
export interface WalletClosed extends WalletFact {
  readonly type: 'WalletClosed';
}

export interface WalletFrozen extends WalletFact {
  readonly type: 'WalletFrozen';
  readonly reason: FreezeReason;
  readonly reference?: string;
}

export interface WalletUnfrozen extends WalletFact {
  readonly type: 'WalletUnfrozen';
}

/** A payment that lets a paid plan run in `[from, until)`. */
export interface SubscriptionPaid extends WalletFact {
  readonly type: 'SubscriptionPaid';
  readonly plan: PlanName;
  readonly paymentId: PaymentId;
  /** What was paid, in credits (1,000,000 = $1.00). */
  readonly amount: Credits;
  readonly from: number;
  readonly until: number;
}

export interface PlanChanged extends WalletFact {
  readonly type: 'PlanChanged';
  readonly from: PlanName;
  readonly to: PlanName;
  readonly cause: PlanChangeCause;
  readonly coverage: PlanCoverage;
  readonly planTable: string;
  readonly planTableVersion: number;
}

export interface PlanChangeScheduled extends WalletFact {
  readonly type: 'PlanChangeScheduled';
  readonly plan: PlanName;
  readonly effectiveAt: number;
}

export interface PlanChangeCancelled extends WalletFact {
  readonly type: 'PlanChangeCancelled';
  /** The plan that was scheduled. */
  readonly plan: PlanName;
}

export interface CreditsAdded extends WalletFact, LotDraw {
  readonly type: 'CreditsAdded';
  /** A code, never free text. */
  readonly reason?: string;
  /** Payment id of a purchase, or the caller's own reference. */
  readonly reference?: string;
  readonly paymentId?: PaymentId;
  readonly expiresAt?: number;
  readonly costBasis?: CostBasis;
}

export interface CreditsExpired extends WalletFact, LotDraw {
  readonly type: 'CreditsExpired';
}

/** One lot of what is revoked: `amount` was left, `spent` is gone, `expired` had lapsed before. */
export interface LotRevoked extends LotDraw {
  readonly spent: Credits;
  readonly expired: Credits;
}

/**
 * Credits taken back: a purchase whose money was returned (`paymentId`, with all lots that came from it), an adjustment
 * corrected, or the purchased remainder of a closing wallet paid out.
 */
export interface CreditsRevoked extends WalletFact {
  readonly type: 'CreditsRevoked';
  readonly reason: RevokeReason;
  readonly paymentId?: PaymentId;
  readonly lots: readonly LotRevoked[];
}

/** A dispute won: what `CreditsRevoked` took of the payment comes back. */
export interface CreditsReinstated extends WalletFact {
  readonly type: 'CreditsReinstated';
  readonly paymentId: PaymentId;
  /** Of each lot: what goes back into it, `spent` no longer uncollected, `expired` breakage again. */
  readonly lots: readonly LotRevoked[];
}

/** A run authorised: `parts` are reserved in named lots, `allowance` against an unlimited plan. */
export interface CreditsHeld extends WalletFact {
  readonly type: 'CreditsHeld';
  readonly holdId: HoldId;
  readonly runId: RunId;
  readonly model: string;
  readonly purpose: RunPurpose;
  readonly byok: boolean;
  readonly creatorId?: UserId;
  /** After the own-prompt rule; a settle may ask for less, never for more. */
  readonly creatorFee: Credits;
  /** The whole estimate, creator fee included. */
  readonly amount: Credits;
  readonly parts: readonly LotDraw[];
  readonly allowance: Credits;
  readonly policy: string;
  readonly rateCard: string;
  readonly rateCardVersion: number;
  readonly byokFeeBasisPoints: bigint;
  readonly expiresAt: number;
}

export interface HoldReleased extends WalletFact {
  readonly type: 'HoldReleased';
  readonly holdId: HoldId;
  readonly runId: RunId;
  readonly cause: HoldReleaseCause;
  /** What was reserved and is free again. */
  readonly parts: readonly LotDraw[];
}

/** Every component is kept, with policy and rate card, so that the charge can be derived again. */
export interface PromptCharged extends WalletFact, Price, TokenCounts {
  readonly type: 'PromptCharged';
  readonly runId: RunId;
  readonly promptId?: PromptId;
  /** As requested, before aliases. */
  readonly model: string;
  readonly purpose: RunPurpose;
  readonly byok: boolean;
  readonly creatorId?: UserId;
  /** When the run took place, for analytics only; price, period and expiry use `at`. */
  readonly ranAt?: number;
  readonly policy: string;
  readonly rateCard: string;
  readonly rateCardVersion: number;
  /** In the order in which the lots were drawn, one entry a lot. */
  readonly draws: readonly LotDraw[];
  /** Part of the total that an unlimited plan's allowance covered. */
  readonly allowance: Credits;
  /** The hold that this charge settles and closes. */
  readonly holdId?: HoldId;
  /** Part of the total that nothing was left to pay for; only a settle has one. */
  readonly uncollected: Credits;
}

/** The components of a charge that a refund is spread over, in that order. */
export interface RefundParts {
  readonly inference: Credits;
  readonly markup: Credits;
  readonly byokFee: Credits;
  readonly platformShare: Credits;
  readonly creatorShare: Credits;
}

/** What a refund gives back to a lot that had paid. */
export interface LotRestored extends LotDraw {
  readonly into: RestoredInto;
  /** The new lot, when the old one has lapsed. */
  readonly refundLotId?: string;
  readonly expiresAt?: number;
}

interface Refunded extends WalletFact {
  readonly refundId: RefundId;
  readonly reason: RefundReason;
  readonly amount: Credits;
  readonly creatorId?: UserId;
  /** When the run was charged or the flow unlocked. */
  readonly chargedAt: number;
  /** Last drawn first. */
  readonly restored: readonly LotRestored[];
}

export interface PromptRefunded extends Refunded {
  readonly type: 'PromptRefunded';
  readonly runId: RunId;
  readonly parts: RefundParts;
  /** Sums over all refunds of the run, this one included. */
  readonly refunded: RefundParts;
  /** Part of the charge's own shortfall that is no longer owed. */
  readonly uncollected: Credits;
  readonly allowance: Credits;
}

export interface FlowUnlocked extends WalletFact {
  readonly type: 'FlowUnlocked';
  readonly flowId: FlowId;
  readonly creatorId: UserId;
  readonly price: Credits;
  readonly creatorShare: Credits;
  readonly platformShare: Credits;
  readonly draws: readonly LotDraw[];
}

export interface FlowUnlockRefunded extends Refunded {
  readonly type: 'FlowUnlockRefunded';
  readonly flowId: FlowId;
  readonly creatorId: UserId;
  readonly creatorShare: Credits;
  readonly platformShare: Credits;
}

export interface PromptCreated extends WalletFact {
  readonly type: 'PromptCreated';
  readonly promptId: PromptId;
  readonly visibility: PromptVisibility;
  readonly sizeBytes: number;
}

/** Carries what the prompt is from now on. */
export interface PromptChanged extends WalletFact {
  readonly type: 'PromptChanged';
  readonly promptId: PromptId;
  readonly visibility: PromptVisibility;
  readonly sizeBytes: number;
}

export interface PromptDeleted extends WalletFact {
  readonly type: 'PromptDeleted';
  readonly promptId: PromptId;
}

/** Replaces all thresholds of the wallet. */
export interface ThresholdsSet extends WalletFact {
  readonly type: 'ThresholdsSet';
  /** Credits, largest first, no two alike. */
  readonly thresholds: readonly Credits[];
}

/** Available went from the threshold or more to less than it. */
export interface BalanceThresholdCrossed extends WalletFact {
  readonly type: 'BalanceThresholdCrossed';
  readonly threshold: Credits;
  readonly available: Credits;
}

export type WalletEvent =
  | WalletOpened
  | WalletClosed
  | WalletFrozen
  | WalletUnfrozen
  | SubscriptionPaid
  | PlanChanged
  | PlanChangeScheduled
  | PlanChangeCancelled
  | CreditsAdded
  | CreditsExpired
  | CreditsRevoked
  | CreditsReinstated
  | CreditsHeld
  | HoldReleased
  | PromptCharged
  | PromptRefunded
  | FlowUnlocked
  | FlowUnlockRefunded
  | PromptCreated
  | PromptChanged
  | PromptDeleted
  | ThresholdsSet
  | BalanceThresholdCrossed;
