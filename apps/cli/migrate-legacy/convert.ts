import { err, ok, type Result } from '#libs/kernel/result.js';
import { ceilDiv, type Credits } from '#libs/kernel/credits.js';

/** What one unit of the old system's balances is. */
export const LEGACY_UNITS = ['plan-credits', 'credits'] as const;
export type LegacyUnit = (typeof LEGACY_UNITS)[number];

/** Credits of one plan credit in the old system: $0.01. */
export const LEGACY_PLAN_CREDIT: Credits = 10_000n;

const UNIT: Readonly<Record<LegacyUnit, Credits>> = { 'plan-credits': LEGACY_PLAN_CREDIT, credits: 1n };

const DECIMAL = /^(0|[1-9][0-9]{0,11})(?:\.([0-9]{1,18}))?$/;

export interface Converted {
  readonly credits: Credits;
  /** The balance was no whole number of credits and was rounded up, in the user's favour. */
  readonly rounded: boolean;
}

/**
 * The rule of conversion: the decimal number, read digit by digit, times the unit, rounded up to the next whole
 * credit. 12.5 plan credits are 125,000 credits; 0.00001 of one is 1 credit. Nothing (an empty field) is 0.
 */
export function convertLegacy(text: string, unit: LegacyUnit): Result<Converted, string> {
  const trimmed = text.trim();
  if (trimmed === '') return ok({ credits: 0n, rounded: false });
  const match = DECIMAL.exec(trimmed);
  if (match === null) {
    return err(
      'must be a decimal number from 0 to 999999999999.99, such as 12.5, without sign or separators',
    );
  }
  const [, whole = '0', fraction = ''] = match;
  const scale = 10n ** BigInt(fraction.length);
  const exact = BigInt(whole + fraction) * UNIT[unit];
  return ok({ credits: ceilDiv(exact, scale), rounded: exact % scale !== 0n });
}
