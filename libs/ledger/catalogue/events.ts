import type { Credits } from '#libs/kernel/credits.js';
import type { Plan, PlanName } from '../plans/plan-table.js';
import type { ModelRates } from '../pricing/rate-card.js';

/** What is published in versions, each in force from its own moment and immutable from then on. */
interface Published {
  /** When it was published, milliseconds since the epoch. */
  readonly at: number;
  /** 1, 2, 3, ... in its stream. */
  readonly version: number;
  /** In force from then until a later one of the same id. Seeded ones: 0, the epoch. */
  readonly effectiveFrom: number;
}

/** Stream `ratecard-<cardId>`. */
export interface RateCardPublished extends Published {
  readonly type: 'RateCardPublished';
  readonly cardId: string;
  readonly models: readonly PublishedModel[];
  readonly aliases: readonly { readonly alias: string; readonly model: string }[];
}

export interface PublishedModel extends ModelRates {
  readonly model: string;
}

/** Stream `policy-<policyId>`: runs are priced by this policy over this rate card, until a later activation of any policy. */
export interface PolicyActivated extends Published {
  readonly type: 'PolicyActivated';
  readonly policyId: string;
  readonly cardId: string;
  /** Share of the notional inference asked from a run on the user's own provider key, in 1/10,000. */
  readonly byokFeeBasisPoints: bigint;
}

/** Stream `plans-<tableId>`; the newest table in force, of whichever id, is the one that holds. */
export interface PlansPublished extends Published {
  readonly type: 'PlansPublished';
  readonly tableId: string;
  /** Credits of one plan credit. */
  readonly planCredit: Credits;
  readonly plans: Readonly<Record<PlanName, Plan>>;
}

export type CatalogueEvent = RateCardPublished | PolicyActivated | PlansPublished;
