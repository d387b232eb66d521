import { err, ok, type Result } from '#libs/kernel/result.js';
import { RATE_MAX } from '#libs/ledger/catalogue/check-card.js';

/** A number as JSON writes it: sign, digits before and after the point, exponent. */
const JSON_NUMBER = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;
/** Dollars a token to credits per 1,000,000 tokens: 10^6 credits a dollar, 10^6 tokens. */
const SHIFT = 12;
/** No price needs more digits; it keeps a hostile exponent from filling the memory. */
const EXPONENT_MAX = 400;

/**
 * A price in dollars a token, as the digits of a JSON number, in credits per 1,000,000 tokens. Exact: no floating
 * point in between. Refused with what was expected when it is negative, too high, or not whole in credits.
 */
export function exactRate(text: string): Result<bigint, string> {
  const match = JSON_NUMBER.exec(text);
  if (match === null) return err('is not a number');
  const [, sign, whole = '0', fraction = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return ok(0n);
  if (sign === '-') return err('is negative');
  if (Math.abs(exponent) > EXPONENT_MAX) return err('is out of any range of prices');
  const shift = exponent - fraction.length + SHIFT;
  const rate = shift >= 0 ? digits * 10n ** BigInt(shift) : wholeQuotient(digits, 10n ** BigInt(-shift));
  if (rate === undefined) return err('is not whole in credits per 1,000,000 tokens (12 decimals at most)');
  return rate > RATE_MAX ? err(`is above ${RATE_MAX} credits per 1,000,000 tokens`) : ok(rate);
}

const wholeQuotient = (dividend: bigint, divisor: bigint): bigint | undefined =>
  dividend % divisor === 0n ? dividend / divisor : undefined;
