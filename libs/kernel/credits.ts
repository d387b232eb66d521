import { err, ok, type Result } from './result.js';

/** The only unit of account: 1 credit = $0.000001. Always whole, hence a bigint. */
export type Credits = bigint;

export const CREDITS_PER_USD: Credits = 1_000_000n;
/** Money leaves in whole cents. */
export const CREDITS_PER_CENT: Credits = 10_000n;

const WHOLE = /^(0|[1-9][0-9]{0,17})$/;

/** What an amount must look like, for error messages. */
export const CREDITS_EXPECTED =
  'a whole number of credits: decimal digits as a string ("1500000"), at most 18, or a JSON integer up to 2^53 - 1';

/**
 * Reads an amount from input (domain rules, section 1): a string of 1 to 18 decimal digits without leading zero,
 * or a JSON integer that is safe and not negative (nor -0). Everything else is refused with what was expected.
 */
export function parseCredits(raw: unknown): Result<Credits, string> {
  if (typeof raw === 'string' && WHOLE.test(raw)) return ok(BigInt(raw));
  if (typeof raw === 'number' && Number.isSafeInteger(raw) && raw >= 0 && !Object.is(raw, -0))
    return ok(BigInt(raw));
  return err(`must be ${CREDITS_EXPECTED}`);
}

/** `numerator / denominator` rounded up, exact. Both must not be negative. */
export function ceilDiv(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator;
}

/** Splits a creator fee or unlock price without loss: `platform = floor(fee / 5)`, the rest to the creator. */
export function splitFee(fee: Credits): { readonly creatorShare: Credits; readonly platformShare: Credits } {
  const platformShare = fee / 5n;
  return { creatorShare: fee - platformShare, platformShare };
}

/**
 * Credits as dollars with every digit that matters: at least cents, at most six decimals, so that an amount other
 * than zero never reads $0.00 and nothing is rounded ($4.998448 stays $4.998448).
 */
export function formatUsd(credits: Credits): string {
  const sign = credits < 0n ? '-' : '';
  const whole = credits < 0n ? -credits : credits;
  const fraction = (whole % CREDITS_PER_USD)
    .toString()
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${sign}$${whole / CREDITS_PER_USD}.${fraction}`;
}

export const minCredits = (a: Credits, b: Credits): Credits => (a < b ? a : b);
export const maxCredits = (a: Credits, b: Credits): Credits => (a > b ? a : b);
