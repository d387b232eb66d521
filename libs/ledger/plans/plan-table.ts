import type { Credits } from '#libs/kernel/credits.js';

export const PLAN_NAMES = ['FREE', 'PRO', 'ELITE', 'ENTERPRISE'] as const;
/** From the smallest to the largest: a change to a later one is an upgrade. */
export type PlanName = (typeof PLAN_NAMES)[number];

/** Below 0: `b` is the larger plan. */
export const comparePlans = (a: PlanName, b: PlanName): number =>
  PLAN_NAMES.indexOf(a) - PLAN_NAMES.indexOf(b);

/** The components of a charge that an unlimited allowance may cover. */
export type CoveredComponent = 'inference' | 'markup' | 'byokFee' | 'creatorFee';
export const COVERED_COMPONENTS: readonly CoveredComponent[] = [
  'inference',
  'markup',
  'byokFee',
  'creatorFee',
];

/** What a plan gives each month: a lot of credits, or an allowance that is not counted in credits held. */
export type MonthlyCredits =
  | { readonly kind: 'granted'; readonly planCredits: bigint }
  | {
      readonly kind: 'unlimited';
      readonly covers: readonly CoveredComponent[];
      /** Credits a period after which lots pay again; none when absent. */
      readonly fairUse?: Credits;
    };

/** How much of something a plan allows; `custom` is agreed outside the ledger and not limited by it. */
export type PlanLimit =
  | { readonly kind: 'limited'; readonly max: number }
  | { readonly kind: 'unlimited' }
  | { readonly kind: 'custom' };

export interface Plan {
  readonly name: PlanName;
  readonly monthly: MonthlyCredits;
  readonly privatePrompts: PlanLimit;
  /** Runs with purpose `test`, a period. */
  readonly testRuns: PlanLimit;
  readonly storageBytes: PlanLimit;
  /** Requested names, before aliases. */
  readonly models: ReadonlySet<string>;
  /** Custom and private models may be used too, by the customers that the rate card names for each. */
  readonly privateModels: boolean;
  readonly byok: boolean;
}

/** Immutable once in force; wallets store `id` and `version`. */
export interface PlanTable {
  readonly id: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly effectiveFrom: number;
  /** Credits of one plan credit, the unit in which the table gives monthly credits. */
  readonly planCredit: Credits;
  readonly plans: Readonly<Record<PlanName, Plan>>;
}

/** $0.01. Configurable. */
export const PLAN_CREDIT_DEFAULT: Credits = 10_000n;

const GB = 1_000_000_000;
const UNLIMITED: PlanLimit = { kind: 'unlimited' };
const upTo = (max: number): PlanLimit => ({ kind: 'limited', max });

// Creator fees always draw lots, or a friendly creator could drain the platform.
const UNLIMITED_CREDITS: MonthlyCredits = { kind: 'unlimited', covers: ['inference', 'markup', 'byokFee'] };

const FREE_MODELS = ['deepseek', 'gpt-3.5-turbo'];
const PRO_MODELS = [...FREE_MODELS, 'gpt-4'];
const ELITE_MODELS = [
  ...PRO_MODELS,
  'gpt-4-turbo',
  'claude-3-opus',
  'claude-3-sonnet',
  'mistral-large',
  'mixtral-8x7b',
];
const ENTERPRISE_MODELS = [...ELITE_MODELS, 'gpt-4-32k', 'claude-3-opus-200k'];

/** The four plans (domain rules, section 3), in force from the epoch. */
export const STANDARD_PLANS: PlanTable = {
  id: 'standard',
  version: 1,
  effectiveFrom: 0,
  planCredit: PLAN_CREDIT_DEFAULT,
  plans: {
    FREE: {
      name: 'FREE',
      monthly: { kind: 'granted', planCredits: 10n },
      privatePrompts: upTo(3),
      testRuns: upTo(100),
      storageBytes: upTo(GB),
      models: new Set(FREE_MODELS),
      privateModels: false,
      byok: false,
    },
    PRO: {
      name: 'PRO',
      monthly: { kind: 'granted', planCredits: 1_500n },
      privatePrompts: UNLIMITED,
      testRuns: UNLIMITED,
      storageBytes: upTo(10 * GB),
      models: new Set(PRO_MODELS),
      privateModels: false,
      byok: true,
    },
    ELITE: {
      name: 'ELITE',
      monthly: UNLIMITED_CREDITS,
      privatePrompts: UNLIMITED,
      testRuns: UNLIMITED,
      storageBytes: upTo(50 * GB),
      models: new Set(ELITE_MODELS),
      privateModels: false,
      byok: true,
    },
    ENTERPRISE: {
      name: 'ENTERPRISE',
      monthly: UNLIMITED_CREDITS,
      privatePrompts: UNLIMITED,
      testRuns: UNLIMITED,
      storageBytes: { kind: 'custom' },
      models: new Set(ENTERPRISE_MODELS),
      privateModels: true,
      byok: true,
    },
  },
};

/** Credits of the monthly lot of a plan; 0 for an unlimited plan, whose allowance is no lot. */
export function monthlyGrant(plan: PlanName, table: PlanTable): Credits {
  const { monthly } = table.plans[plan];
  return monthly.kind === 'granted' ? monthly.planCredits * table.planCredit : 0n;
}

/** True when one more of size `more` still fits; what is over the limit already stays, but nothing is added. */
export const fits = (limit: PlanLimit, used: number, more: number): boolean =>
  limit.kind !== 'limited' || used + more <= limit.max;
