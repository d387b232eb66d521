/** The closed sets of words that wallet commands and events use (domain rules, sections 1 and 4). */

export const LOT_KINDS = ['monthly', 'promo', 'refund', 'purchased'] as const;
export type LotKind = (typeof LOT_KINDS)[number];

export const LOT_ORIGINS = ['purchased', 'promo', 'monthly', 'adjustment', 'legacy'] as const;
/** Where a lot's credits came from; decides which account its expiry and its refunds are booked to. */
export type LotOrigin = (typeof LOT_ORIGINS)[number];

export const RUN_PURPOSES = ['run', 'test'] as const;
export type RunPurpose = (typeof RUN_PURPOSES)[number];

export const PROMPT_VISIBILITIES = ['private', 'public'] as const;
export type PromptVisibility = (typeof PROMPT_VISIBILITIES)[number];

export const PROMO_REASONS = [
  'welcome',
  'bonus',
  'campaign',
  'goodwill',
  'correction',
  'migration',
  'other',
] as const;
/** Why promotional or adjusting credits were given. */
export type PromoReason = (typeof PROMO_REASONS)[number];

export const REFUND_REASONS = ['quality', 'error', 'duplicate', 'fraud', 'goodwill', 'other'] as const;
export type RefundReason = (typeof REFUND_REASONS)[number];

export const REVOKE_REASONS = ['chargeback', 'provider_refund', 'closing', 'correction', 'fraud'] as const;
export type RevokeReason = (typeof REVOKE_REASONS)[number];

export const FREEZE_REASONS = ['dispute', 'fraud', 'review', 'other'] as const;
export type FreezeReason = (typeof FREEZE_REASONS)[number];

export const HOLD_RELEASE_CAUSES = ['caller', 'timeout', 'revocation'] as const;
/** Who or what released a hold: its caller, time, or a revocation that needed the credits it reserved. */
export type HoldReleaseCause = (typeof HOLD_RELEASE_CAUSES)[number];

export const PLAN_CHANGE_CAUSES = ['upgrade', 'scheduled', 'unpaid'] as const;
export type PlanChangeCause = (typeof PLAN_CHANGE_CAUSES)[number];

export const PLAN_COVERAGES = ['free', 'paid', 'granted'] as const;
/** Why a plan runs: it costs nothing, a `SubscriptionPaid` covers the period, or a service has granted it. */
export type PlanCoverage = (typeof PLAN_COVERAGES)[number];

export const RESTORED_INTO = ['lot', 'refund_lot', 'revoked'] as const;
/**
 * Where a refunded part of a lot goes: back into the lot, into a refund lot when it has lapsed, or, of a revoked lot,
 * nowhere: it lowers what is uncollected.
 */
export type RestoredInto = (typeof RESTORED_INTO)[number];

/** What finance does with the purchased remainder of a closing wallet. */
export const CLOSING_REMAINDERS = ['pay_back', 'expire'] as const;
export type ClosingRemainder = (typeof CLOSING_REMAINDERS)[number];
