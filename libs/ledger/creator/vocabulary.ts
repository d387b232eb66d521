/** The closed sets of words that creator commands use (domain rules, section 4). */

export const PAYOUT_FAILURE_REASONS = [
  'rejected',
  'returned',
  'account_invalid',
  'cancelled',
  'fraud',
  'other',
] as const;
/** Why a payout failed: a code, never free text. */
export type PayoutFailureReason = (typeof PAYOUT_FAILURE_REASONS)[number];
