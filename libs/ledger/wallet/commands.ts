import type { Credits } from '#libs/kernel/credits.js';
import type { FlowId, HoldId, PaymentId, PromptId, RefundId, RunId, UserId } from '#libs/kernel/ids.js';
import type { PlanName } from '../plans/plan-table.js';
import type { TokenCounts } from '../pricing/tokens.js';
import type { CostBasis } from './events.js';
import type {
  ClosingRemainder,
  FreezeReason,
  PromoReason,
  PromptVisibility,
  RefundReason,
  RevokeReason,
  RunPurpose,
} from './vocabulary.js';

interface ForWallet {
  readonly userId: UserId;
}

export interface OpenWalletCommand extends ForWallet {
  readonly type: 'OpenWallet';
  readonly plan: PlanName;
  /** The caller may let a paid plan run without a payment (scope `plans:grant`). */
  readonly mayGrant: boolean;
}

/** Opening balance of a wallet taken over from the old system: opens it and adds the lots, once. */
export interface MigrateWalletCommand extends ForWallet {
  readonly type: 'MigrateWallet';
  readonly plan: PlanName;
  /** Credits the user had bought. */
  readonly purchased: Credits;
  /** What is left of this period's monthly credits; replaces the plan's grant. */
  readonly monthly: Credits;
  /** Credits of unknown origin. */
  readonly other: Credits;
}

export interface CloseWalletCommand extends ForWallet {
  readonly type: 'CloseWallet';
  readonly remainder: ClosingRemainder;
}

export interface FreezeWalletCommand extends ForWallet {
  readonly type: 'FreezeWallet';
  readonly reason: FreezeReason;
  readonly reference?: string;
}

export interface UnfreezeWalletCommand extends ForWallet {
  readonly type: 'UnfreezeWallet';
}

/** At most 10 amounts, 1 or more each; none switches the notices off. */
export interface SetThresholdsCommand extends ForWallet {
  readonly type: 'SetThresholds';
  readonly thresholds: readonly Credits[];
}

interface AddCreditsBase extends ForWallet {
  readonly type: 'AddCredits';
  /** 1 or more. */
  readonly amount: Credits;
  readonly expiresAt?: number;
}

export interface AddPurchase extends AddCreditsBase {
  readonly kind: 'purchased';
  /** Unique in the whole ledger. */
  readonly paymentId: PaymentId;
  readonly costBasis?: CostBasis;
}

export interface AddGrant extends AddCreditsBase {
  readonly kind: 'promo' | 'adjustment';
  readonly reason: PromoReason;
  readonly reference?: string;
}

export type AddCreditsCommand = AddPurchase | AddGrant;

/** Takes a whole purchase back. */
export interface RevokePayment extends ForWallet {
  readonly type: 'RevokeCredits';
  readonly reason: Extract<RevokeReason, 'chargeback' | 'provider_refund' | 'fraud'>;
  readonly paymentId: PaymentId;
}

/** Takes adjustments back, at most what is available of them. */
export interface CorrectAdjustments extends ForWallet {
  readonly type: 'RevokeCredits';
  readonly reason: 'correction';
  /** 1 or more. */
  readonly amount: Credits;
}

export type RevokeCreditsCommand = RevokePayment | CorrectAdjustments;

export interface ReinstateCreditsCommand extends ForWallet {
  readonly type: 'ReinstateCredits';
  readonly paymentId: PaymentId;
}

export interface PaySubscriptionCommand extends ForWallet {
  readonly type: 'PaySubscription';
  readonly plan: Exclude<PlanName, 'FREE'>;
  readonly paymentId: PaymentId;
  /** What was paid, in credits, 1 or more. */
  readonly amount: Credits;
  /** Half-open, milliseconds since the epoch; `from < until`. */
  readonly from: number;
  readonly until: number;
}

export interface ChangePlanCommand extends ForWallet {
  readonly type: 'ChangePlan';
  readonly plan: PlanName;
  readonly mayGrant: boolean;
}

export interface CancelPlanChangeCommand extends ForWallet {
  readonly type: 'CancelPlanChange';
}

/** The terms a quote has promised. Its signature was checked before. */
export interface QuotedTerms {
  readonly policy: string;
  readonly rateCard: string;
  readonly rateCardVersion: number;
  readonly byokFeeBasisPoints: bigint;
  readonly expiresAt: number;
}

interface RunOf extends ForWallet {
  readonly runId: RunId;
  readonly model: string;
  readonly creatorId?: UserId;
  /** As asked; an own prompt pays none. */
  readonly creatorFee: Credits;
  readonly byok: boolean;
  readonly purpose: RunPurpose;
  readonly quote?: QuotedTerms;
}

/** The estimated maximum, as an amount with the creator fee in it or as tokens to be priced. */
export type HoldEstimate =
  | { readonly amount: Credits; readonly tokens?: never }
  | { readonly tokens: TokenCounts; readonly amount?: never };

export interface AuthoriseRunCommand extends RunOf {
  readonly type: 'AuthoriseRun';
  readonly holdId: HoldId;
  readonly estimate: HoldEstimate;
  /** 1,000 to 86,400,000. */
  readonly ttlMs: number;
}

export interface ReleaseHoldCommand extends ForWallet {
  readonly type: 'ReleaseHold';
  readonly holdId: HoldId;
}

/** A direct charge, or with `holdId` the settling of a hold. */
export interface ChargePromptCommand extends RunOf {
  readonly type: 'ChargePrompt';
  readonly promptId?: PromptId;
  readonly tokens: TokenCounts;
  readonly ranAt?: number;
  readonly holdId?: HoldId;
}

export interface RefundPromptCommand extends ForWallet {
  readonly type: 'RefundPrompt';
  readonly runId: RunId;
  readonly refundId: RefundId;
  /** 1 or more; all that is left when absent. */
  readonly amount?: Credits;
  readonly reason: RefundReason;
}

export interface UnlockFlowCommand extends ForWallet {
  readonly type: 'UnlockFlow';
  readonly flowId: FlowId;
  readonly creatorId: UserId;
  /** 1 or more. */
  readonly price: Credits;
}

export interface RefundFlowCommand extends ForWallet {
  readonly type: 'RefundFlow';
  readonly flowId: FlowId;
  readonly refundId: RefundId;
  readonly reason: RefundReason;
}

export interface CreatePromptCommand extends ForWallet {
  readonly type: 'CreatePrompt';
  readonly promptId: PromptId;
  readonly visibility: PromptVisibility;
  /** 0 to 10^15. */
  readonly sizeBytes: number;
}

export interface ChangePromptCommand extends ForWallet {
  readonly type: 'ChangePrompt';
  readonly promptId: PromptId;
  readonly visibility?: PromptVisibility;
  readonly sizeBytes?: number;
}

export interface DeletePromptCommand extends ForWallet {
  readonly type: 'DeletePrompt';
  readonly promptId: PromptId;
}

/** Records what time alone has made due; accepted without events when nothing is. */
export interface AdvanceWalletCommand extends ForWallet {
  readonly type: 'AdvanceWallet';
}

export type WalletCommand =
  | OpenWalletCommand
  | MigrateWalletCommand
  | CloseWalletCommand
  | FreezeWalletCommand
  | UnfreezeWalletCommand
  | SetThresholdsCommand
  | AddCreditsCommand
  | RevokeCreditsCommand
  | ReinstateCreditsCommand
  | PaySubscriptionCommand
  | ChangePlanCommand
  | CancelPlanChangeCommand
  | AuthoriseRunCommand
  | ReleaseHoldCommand
  | ChargePromptCommand
  | RefundPromptCommand
  | UnlockFlowCommand
  | RefundFlowCommand
  | CreatePromptCommand
  | ChangePromptCommand
  | DeletePromptCommand
  | AdvanceWalletCommand;

/** Commands on a wallet that is there. */
export type LiveWalletCommand = Exclude<WalletCommand, OpenWalletCommand | MigrateWalletCommand>;
