import type { Credits } from '#libs/kernel/credits.js';

export const PLAN_NAMES = ['FREE', 'PRO', 'ELITE', 'ENTERPRISE'] as const;
export type PlanName = (typeof PLAN_NAMES)[number];

/** The components of a charge that an unlimited allowance may cover. */
export type CoveredComponent = 'inference' | 'markup' | 'byokFee' | 'creatorFee';

/** What a plan gives each month: a lot of credits, or an allowance that is not counted in credits held. */
export type MonthlyCredits =
  | { readonly kind: 'granted'; readonly planCredits: bigint }
  | {
      readonly kind: 'unlimited';
      readonly covers: readonly CoveredComponent[];
      /** Credits a period after which lots pay again; none when absent. */
      readonly fairUse?: Credits;
    };

export interface Plan {
  readonly name: PlanName;
  readonly monthly: MonthlyCredits;
}

/** Immutable once in force; wallets store `id` and `version`. */
export interface PlanTable {
  readonly id: string;
  readonly version: number;
  readonly effectiveFrom: number;
  readonly plans: Readonly<Record<PlanName, Plan>>;
}

/** Credits of one plan credit, the unit of the plan table: $0.01. Configurable. */
export const PLAN_CREDIT_DEFAULT: Credits = 10_000n;

// Creator fees always draw lots, or a friendly creator could drain the platform.
const UNLIMITED: MonthlyCredits = { kind: 'unlimited', covers: ['inference', 'markup', 'byokFee'] };

/** The four plans' monthly credits (domain rules, section 3), in force from the epoch. */
export const STANDARD_PLANS: PlanTable = {
  id: 'standard',
  version: 1,
  effectiveFrom: 0,
  plans: {
    FREE: { name: 'FREE', monthly: { kind: 'granted', planCredits: 10n } },
    PRO: { name: 'PRO', monthly: { kind: 'granted', planCredits: 1_500n } },
    ELITE: { name: 'ELITE', monthly: UNLIMITED },
    ENTERPRISE: { name: 'ENTERPRISE', monthly: UNLIMITED },
  },
};

/** What deciders need to know of plans. */
export interface PlanTerms {
  readonly table: PlanTable;
  readonly planCredit: Credits;
}

/** Credits of the monthly lot of a plan; 0 for an unlimited plan, whose allowance is no lot. */
export function monthlyGrant(plan: PlanName, terms: PlanTerms): Credits {
  const { monthly } = terms.table.plans[plan];
  return monthly.kind === 'granted' ? monthly.planCredits * terms.planCredit : 0n;
}
