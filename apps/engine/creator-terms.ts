import { type CreatorTerms, DAY_MS } from '#libs/ledger/creator/terms.js';
import type { Config } from '#libs/platform/config.js';

/** When creators can be paid, as configured. */
export const creatorTermsOf = ({
  holdingPeriodDays,
  payoutMinimum,
}: Pick<Config, 'holdingPeriodDays' | 'payoutMinimum'>): CreatorTerms => ({
  holdingPeriodMs: holdingPeriodDays * DAY_MS,
  payoutMinimum,
});
