import { type Credits } from '#libs/kernel/credits.js';
import { type Plan, type PlanLimit, PLAN_NAMES } from '../plans/plan-table.js';
import { MODEL_NAME_EXPECTED, MODEL_NAME_PATTERN } from '../pricing/rate-card.js';
import type { FieldError } from '../refusal.js';
import type { PublishPlansCommand } from './commands.js';

/** $1,000,000 a month: no plan gives more. */
export const MONTHLY_CREDITS_MAX: Credits = 1_000_000_000_000n;
/** As many bytes as a prompt may have at most. */
export const PLAN_LIMIT_MAX = 1_000_000_000_000_000;
export const PLAN_MODELS_MAX = 2_000;

const LIMITS = ['privatePrompts', 'testRuns', 'storageBytes'] as const;

/** What is wrong with a plan table, by field as it is sent: `plans.PRO.storageBytes.max`. */
export function checkPlans({ planCredit, plans }: PublishPlansCommand): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (planCredit < 1n || planCredit > MONTHLY_CREDITS_MAX)
    errors.push({ field: 'planCredit', message: `must be 1 to ${MONTHLY_CREDITS_MAX} credits` });
  for (const name of PLAN_NAMES) {
    // What was sent may lack a plan, whatever the type says: a table without one would strand its wallets.
    const plan = (plans as Partial<typeof plans>)[name];
    const path = `plans.${name}`;
    if (plan === undefined || plan.name !== name)
      errors.push({ field: path, message: 'must be there: a table has all four plans' });
    else errors.push(...checkPlan(path, plan, planCredit));
  }
  return errors;
}

function checkPlan(path: string, plan: Plan, planCredit: Credits): readonly FieldError[] {
  const errors = LIMITS.flatMap((limit) => checkLimit(`${path}.${limit}.max`, plan[limit]));
  errors.push(...checkMonthly(`${path}.monthly`, plan, planCredit));
  if (plan.models.size > PLAN_MODELS_MAX)
    errors.push({ field: `${path}.models`, message: `must be at most ${PLAN_MODELS_MAX}` });
  if ([...plan.models].some((model) => !MODEL_NAME_PATTERN.test(model)))
    errors.push({ field: `${path}.models`, message: `must hold model names: ${MODEL_NAME_EXPECTED}` });
  return errors;
}

function checkLimit(field: string, limit: PlanLimit): FieldError[] {
  const fine =
    limit.kind !== 'limited' ||
    (Number.isSafeInteger(limit.max) && limit.max >= 0 && limit.max <= PLAN_LIMIT_MAX);
  return fine ? [] : [{ field, message: `must be a whole number from 0 to ${PLAN_LIMIT_MAX}` }];
}

function checkMonthly(path: string, { monthly }: Plan, planCredit: Credits): readonly FieldError[] {
  if (monthly.kind === 'granted') {
    const granted = monthly.planCredits * planCredit;
    return monthly.planCredits >= 0n && granted <= MONTHLY_CREDITS_MAX
      ? []
      : [{ field: `${path}.planCredits`, message: `must be 0 to ${MONTHLY_CREDITS_MAX} credits in all` }];
  }
  const errors: FieldError[] = [];
  if (monthly.covers.includes('creatorFee'))
    errors.push({
      field: `${path}.covers`,
      message:
        'must not hold creatorFee: it always draws lots, or a friendly creator could drain the platform',
    });
  if (new Set(monthly.covers).size !== monthly.covers.length)
    errors.push({ field: `${path}.covers`, message: 'must name each component once' });
  if (monthly.fairUse !== undefined && (monthly.fairUse < 1n || monthly.fairUse > MONTHLY_CREDITS_MAX))
    errors.push({ field: `${path}.fairUse`, message: `must be 1 to ${MONTHLY_CREDITS_MAX} credits` });
  return errors;
}
