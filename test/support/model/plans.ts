import type { PlanName } from '#libs/ledger/plans/plan-table.js';
import type { Command } from './commands.js';
import { type Objection, refusal } from './answers.js';
import { month, monthStart, nextMonth } from './calendar.js';
import { addLot } from './lots.js';
import type { ModelState } from './state.js';

/** The plan table of the domain rules, section 3, written a second time. */
export interface ModelPlan {
  /** Credits a month; undefined for unlimited. */
  readonly monthly: bigint | undefined;
  /** Credits a month that an unlimited plan covers. */
  readonly fairUse: bigint;
  readonly privatePrompts: number;
  readonly testRuns: number;
  readonly storageBytes: number;
  readonly models: readonly string[];
  /** Customers may use models of their own. */
  readonly privateModels: boolean;
  readonly byok: boolean;
}

/** Larger than any sum there is. */
const NO_LIMIT = 10n ** 40n;
const FREE_MODELS = ['deepseek', 'gpt-3.5-turbo'];
const PRO_MODELS = ['deepseek', 'gpt-3.5-turbo', 'gpt-4'];
const ELITE_MODELS = [
  ...PRO_MODELS,
  'gpt-4-turbo',
  'claude-3-opus',
  'claude-3-sonnet',
  'mistral-large',
  'mixtral-8x7b',
];

export const MODEL_PLANS: Readonly<Record<PlanName, ModelPlan>> = {
  FREE: {
    monthly: 100_000n,
    fairUse: 0n,
    privatePrompts: 3,
    testRuns: 100,
    storageBytes: 1_000_000_000,
    models: FREE_MODELS,
    privateModels: false,
    byok: false,
  },
  PRO: {
    monthly: 15_000_000n,
    fairUse: 0n,
    privatePrompts: Infinity,
    testRuns: Infinity,
    storageBytes: 10_000_000_000,
    models: PRO_MODELS,
    privateModels: false,
    byok: true,
  },
  ELITE: {
    monthly: undefined,
    fairUse: NO_LIMIT,
    privatePrompts: Infinity,
    testRuns: Infinity,
    storageBytes: 50_000_000_000,
    models: ELITE_MODELS,
    privateModels: false,
    byok: true,
  },
  ENTERPRISE: {
    monthly: undefined,
    fairUse: NO_LIMIT,
    privatePrompts: Infinity,
    testRuns: Infinity,
    storageBytes: Infinity,
    models: [...ELITE_MODELS, 'gpt-4-32k', 'claude-3-opus-200k'],
    privateModels: true,
    byok: true,
  },
};

export type ModelPlans = Readonly<Record<PlanName, ModelPlan>>;

const SIZE: Readonly<Record<PlanName, number>> = { FREE: 0, PRO: 1, ELITE: 2, ENTERPRISE: 3 };

/** Who has paid for a larger plan has paid for a smaller one too. */
const isPaidFor = (state: ModelState, plan: PlanName, t: number): boolean =>
  state.subscriptions.some((paid) => SIZE[paid.plan] >= SIZE[plan] && paid.from <= t && t < paid.until);

/** A paid plan runs while a payment covers the month or a service has granted it. */
const mayRun = (state: ModelState, t: number): boolean =>
  state.plan === 'FREE' || state.granted || isPaidFor(state, state.plan, monthStart(t));

export const isRollDue = (state: ModelState, t: number): boolean => state.month < month(t);

/** To the month of `t`, whatever lay between: the scheduled plan, FREE when nothing pays for it, and its grant. */
export function roll(state: ModelState, t: number, plans: ModelPlans): void {
  if (!isRollDue(state, t)) return;
  state.month = month(t);
  state.allowanceUsed = 0n;
  state.testRuns = 0;
  if (state.status === 'closed') return;
  if (state.scheduled !== undefined) {
    state.plan = state.scheduled;
    state.scheduled = undefined;
    // From now on it runs for the reason there is: the payment, when there is one.
    if (isPaidFor(state, state.plan, monthStart(t))) state.granted = false;
    state.happened += 1;
  }
  if (!mayRun(state, t)) {
    state.plan = 'FREE';
    state.happened += 1;
  }
  if (state.plan === 'FREE') state.granted = false;
  grant(state, plans[state.plan].monthly ?? 0n, t);
}

function grant(state: ModelState, amount: bigint, t: number): void {
  if (amount > 0n) addLot(state, { kind: 'monthly', origin: 'monthly', amount, lapsesAt: nextMonth(t) }, t);
}

export function openOnPlan(
  state: ModelState,
  { plan, mayGrant }: Command<'OpenWallet'>,
  t: number,
  plans: ModelPlans,
): Objection {
  if (plan !== 'FREE' && !mayGrant) return refusal('plan.not_paid');
  state.status = 'open';
  state.plan = plan;
  state.granted = plan !== 'FREE';
  state.month = month(t);
  state.happened += 1;
  grant(state, plans[plan].monthly ?? 0n, t);
  return undefined;
}

export function changePlan(
  state: ModelState,
  { plan, mayGrant }: Command<'ChangePlan'>,
  t: number,
  plans: ModelPlans,
): Objection {
  if (plan === state.plan) return refusal('request.invalid');
  if (SIZE[plan] < SIZE[state.plan]) {
    state.scheduled = plan;
    state.happened += 1;
    return undefined;
  }
  const paid = isPaidFor(state, plan, t);
  if (!paid && !mayGrant) return refusal('plan.not_paid');
  const before = plans[state.plan].monthly ?? 0n;
  const after = plans[plan].monthly ?? 0n;
  state.plan = plan;
  state.granted = !paid;
  state.scheduled = undefined;
  state.happened += 1;
  grant(state, after > before ? after - before : 0n, t);
  return undefined;
}

export function cancelPlanChange(state: ModelState): Objection {
  if (state.scheduled === undefined) return refusal('plan.change_not_scheduled');
  state.scheduled = undefined;
  state.happened += 1;
  return undefined;
}

export function paySubscription(state: ModelState, command: Command<'PaySubscription'>): Objection {
  const { plan, paymentId, from, until } = command;
  if (state.payments.has(paymentId)) return refusal('payment.already_credited');
  state.payments.set(paymentId, 'subscription');
  state.subscriptions.push({ plan, from, until });
  state.happened += 1;
  return undefined;
}

/** What the allowance still covers this month; open holds have their part of it reserved. */
export function allowanceLeft(state: ModelState, plans: ModelPlans): bigint {
  const plan = plans[state.plan];
  if (plan.monthly !== undefined) return 0n;
  let left = plan.fairUse - state.allowanceUsed;
  for (const hold of state.holds.values()) if (hold.state === 'open') left -= hold.allowance;
  return left > 0n ? left : 0n;
}
