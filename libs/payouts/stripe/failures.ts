import Stripe from 'stripe';
import type { SendOutcome, TransferFailure } from '../provider.js';

const { errors } = Stripe;

/** Codes of Stripe that say that the destination cannot be paid. */
const ACCOUNT_CODES = new Set([
  'account_closed',
  'account_invalid',
  'account_country_invalid_address',
  'account_information_mismatch',
  'insufficient_capabilities_for_transfer',
  'no_account',
  'platform_account_required',
  'resource_missing',
  'transfers_not_allowed',
]);
const BALANCE_CODES = new Set(['balance_insufficient', 'insufficient_funds']);

/** What a failed request to make a transfer means. Whatever is not certain is unknown: it is looked up before anything else. */
export function outcomeOfFailure(error: unknown): SendOutcome {
  const why = error instanceof Error ? error.message : String(error);
  // Too many requests, or a lock held by another one: not carried out.
  if (error instanceof errors.StripeRateLimitError) return { kind: 'later', why };
  // A wrong or narrowed key is the platform's trouble: no creator's payout fails for it.
  if (error instanceof errors.StripeAuthenticationError) return { kind: 'later', why };
  if (error instanceof errors.StripePermissionError) {
    return ACCOUNT_CODES.has(error.code ?? '')
      ? { kind: 'refused', ...failureOf(error) }
      : { kind: 'later', why };
  }
  // The same key with other parameters: something of ours is there already.
  if (error instanceof errors.StripeIdempotencyError) return { kind: 'unknown', why };
  if (error instanceof errors.StripeInvalidRequestError) return { kind: 'refused', ...failureOf(error) };
  if (error instanceof errors.StripeCardError) return { kind: 'refused', ...failureOf(error) };
  return { kind: 'unknown', why };
}

function failureOf({ code = '' }: { readonly code?: string | undefined }): TransferFailure {
  if (BALANCE_CODES.has(code)) return { code: 'insufficient_balance', reason: 'other' };
  if (ACCOUNT_CODES.has(code)) return { code: 'account_invalid', reason: 'account_invalid' };
  return { code: code === '' ? 'rejected' : code, reason: 'rejected' };
}
