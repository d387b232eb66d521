import { QUOTE_LIFE_MS, readQuote, signQuote } from '#libs/application/catalogue/quotes.js';
import { err, type Result } from '#libs/kernel/result.js';
import type { PricingTerms } from '#libs/ledger/pricing/terms.js';
import type { QuotedTerms } from '#libs/ledger/wallet/commands.js';
import type { ApiDeps } from '../deps.js';

type QuoteDeps = Pick<ApiDeps, 'catalogue' | 'signingKey'>;

/**
 * The terms that a quote of ours promises to the user; the error says what was expected. A quote may also name terms
 * that this log does not know: then it was signed with the same key over another log.
 */
export function quoteOf(deps: QuoteDeps, quoteId: string, userId: string): Result<QuotedTerms, string> {
  const read = readQuote(deps.signingKey, quoteId, userId);
  return read.ok && !deps.catalogue.current().knows(read.value)
    ? err('must be a quote of this ledger: it names a rate card that is not known here')
    : read;
}

/** `quoteId` and `expiresAt` of a promise to price a run by these terms, made at `now`. */
export function quoteFor(
  { signingKey }: Pick<QuoteDeps, 'signingKey'>,
  { policy, rateCard, byokFeeBasisPoints }: PricingTerms,
  { now, userId }: { readonly now: number; readonly userId: string | undefined },
): { readonly quoteId: string; readonly expiresAt: string } {
  const terms = {
    policy: policy.id,
    rateCard: rateCard.id,
    rateCardVersion: rateCard.version,
    byokFeeBasisPoints,
  };
  const expiresAt = now + QUOTE_LIFE_MS;
  return {
    quoteId: signQuote(signingKey, { terms, expiresAt, ...(userId === undefined ? {} : { userId }) }),
    expiresAt: new Date(expiresAt).toISOString(),
  };
}
