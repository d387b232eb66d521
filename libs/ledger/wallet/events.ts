import type { Credits } from '#libs/kernel/credits.js';
import type { FlowId, PaymentId, PromptId, RunId, UserId } from '#libs/kernel/ids.js';
import type { PlanName } from '../plans/plan-table.js';
import type { Price } from '../pricing/policy.js';
import type { TokenCounts } from '../pricing/tokens.js';

export const LOT_KINDS = ['monthly', 'promo', 'refund', 'purchased'] as const;
export type LotKind = (typeof LOT_KINDS)[number];

export const LOT_ORIGINS = ['purchased', 'promo', 'monthly', 'adjustment', 'legacy'] as const;
/** Where a lot's credits came from; decides which account its expiry and its refunds are booked to. */
export type LotOrigin = (typeof LOT_ORIGINS)[number];

/** Part of a lot that paid for something. */
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
}

export interface CreditsAdded extends WalletFact {
  readonly type: 'CreditsAdded';
  readonly lotId: string;
  readonly kind: LotKind;
  readonly origin: LotOrigin;
  readonly amount: Credits;
  /** A code, never free text. */
  readonly reason?: string;
  /** Payment id of a purchase, or the caller's own reference. */
  readonly reference?: string;
  readonly paymentId?: PaymentId;
  readonly expiresAt?: number;
  readonly costBasis?: CostBasis;
}

export interface CreditsExpired extends WalletFact {
  readonly type: 'CreditsExpired';
  readonly lotId: string;
  readonly kind: LotKind;
  readonly origin: LotOrigin;
  readonly amount: Credits;
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
  readonly draws: readonly LotDraw[];
  /** Part of the total that an unlimited plan's allowance covered. */
  readonly allowance: Credits;
}

export const RUN_PURPOSES = ['run', 'test'] as const;
export type RunPurpose = (typeof RUN_PURPOSES)[number];

export interface FlowUnlocked extends WalletFact {
  readonly type: 'FlowUnlocked';
  readonly flowId: FlowId;
  readonly creatorId: UserId;
  readonly price: Credits;
  readonly creatorShare: Credits;
  readonly platformShare: Credits;
  readonly draws: readonly LotDraw[];
}

export type WalletEvent = WalletOpened | CreditsAdded | CreditsExpired | PromptCharged | FlowUnlocked;
