import { CREDITS_PER_USD, type Credits } from '#libs/kernel/credits.js';

export const DAY_MS = 86_400_000;

/** When a creator's earnings may be paid out (domain rules, section 4). */
export interface CreatorTerms {
  /** Milliseconds that an earning waits before it can be paid out. */
  readonly holdingPeriodMs: number;
  /** Smallest payout in credits: a cent (10,000 credits) or more. */
  readonly payoutMinimum: Credits;
}

export const STANDARD_CREATOR_TERMS: CreatorTerms = {
  holdingPeriodMs: 7 * DAY_MS,
  payoutMinimum: 10n * CREDITS_PER_USD,
};

/** The terms as they are configured: days that an earning waits, and the smallest payout in credits. */
export const creatorTermsOf = ({
  holdingPeriodDays,
  payoutMinimum,
}: {
  readonly holdingPeriodDays: number;
  readonly payoutMinimum: Credits;
}): CreatorTerms => ({ holdingPeriodMs: holdingPeriodDays * DAY_MS, payoutMinimum });
