import type { PlanTable } from '../plans/plan-table.js';
import type { PriceBasis, PricingPolicy } from './pricing-policy.js';

/** Everything a price depends on besides the run itself. */
export interface PricingTerms extends PriceBasis {
  readonly policy: PricingPolicy;
  /** Share of the notional inference asked from a run on the user's own provider key, in 1/10,000. */
  readonly byokFeeBasisPoints: bigint;
}

/** Names the terms a hold or a quote has fixed. */
export interface PricingReference {
  readonly policy: string;
  readonly rateCard: string;
  readonly rateCardVersion: number;
  readonly byokFeeBasisPoints: bigint;
}

/** Rates, policy and plans by the moment: what a decider needs of the catalogue. Pure and immutable. */
export interface Terms {
  /** In force at `t`, milliseconds since the epoch. */
  pricingAt(t: number): PricingTerms;
  /** As they were when a hold or a quote fixed them. @throws when this process does not know them */
  pricingOf(reference: PricingReference, t: number): PricingTerms;
  plansAt(t: number): PlanTable;
}
