import type { Credits } from '#libs/kernel/credits.js';
import { UserId } from '#libs/kernel/ids.js';
import { err, ok, type Result } from '#libs/kernel/result.js';
import { PLAN_NAMES, type PlanName } from '#libs/ledger/plans/plan-table.js';
import { convertLegacy, type LegacyUnit } from './convert.js';

export const LEGACY_FIELDS = ['userId', 'credits', 'plan', 'purchased', 'monthly'] as const;
export type LegacyField = (typeof LEGACY_FIELDS)[number];
/** The fields of one user as text; what is missing is empty. */
export type LegacyFields = Readonly<Record<LegacyField, string>>;

/** What is to be in one user's wallet. */
export interface LegacyWallet {
  readonly userId: UserId;
  readonly plan: PlanName;
  readonly purchased: Credits;
  readonly monthly: Credits;
  /** What of `credits` is neither purchased nor monthly. */
  readonly other: Credits;
  /** Balances that were no whole number of credits. */
  readonly roundedUp: number;
}

/** An unlimited allowance is no credit: nothing of it is carried over. */
const UNLIMITED = 'unlimited';

/**
 * Reads one user. `credits` is all the user has, `purchased` and `monthly` are parts of it; the rest is of unknown
 * origin. Without `credits` it is the sum of the two. Refused with every field that is wrong.
 */
export function readLegacyRow(
  fields: LegacyFields,
  unit: LegacyUnit,
): Result<LegacyWallet, readonly string[]> {
  const problems: string[] = [];
  const userId = UserId.parse(fields.userId.trim());
  if (!userId.ok) problems.push(`userId ${userId.error}`);
  const wanted = fields.plan.trim().toUpperCase() || 'FREE';
  const plan = PLAN_NAMES.find((name) => name === wanted);
  if (plan === undefined) problems.push(`plan must be one of ${PLAN_NAMES.join(', ')}`);
  let roundedUp = 0;
  const amountOf = (field: 'credits' | 'purchased' | 'monthly'): Credits => {
    const text =
      field === 'monthly' && fields[field].trim().toLowerCase() === UNLIMITED ? '0' : fields[field];
    const converted = convertLegacy(text, unit);
    if (!converted.ok) {
      problems.push(`${field} ${converted.error}`);
      return 0n;
    }
    if (converted.value.rounded) roundedUp++;
    return converted.value.credits;
  };
  const purchased = amountOf('purchased');
  const monthly = amountOf('monthly');
  const total = fields.credits.trim() === '' ? purchased + monthly : amountOf('credits');
  const other = total - purchased - monthly;
  if (problems.length === 0 && other < 0n) {
    problems.push(`credits (${total}) is less than purchased and monthly together (${purchased + monthly})`);
  }
  if (problems.length > 0 || !userId.ok || plan === undefined) return err(problems);
  return ok({ userId: userId.value, plan, purchased, monthly, other, roundedUp });
}
