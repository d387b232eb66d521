import type { Credits } from '#libs/kernel/credits.js';
import type { Plan, PlanName } from '../plans/plan-table.js';
import type { PublishedModel } from './events.js';

interface Publish {
  /** In force from then, milliseconds since the epoch: at least `EFFECTIVE_AHEAD_MS_MIN` ahead. */
  readonly effectiveFrom: number;
}

/** A new version of a rate card, whole: models it leaves out have no price from then on. */
export interface PublishRateCardCommand extends Publish {
  readonly type: 'PublishRateCard';
  readonly cardId: string;
  readonly models: readonly PublishedModel[];
  readonly aliases: readonly { readonly alias: string; readonly model: string }[];
}

/** Runs are to be priced by this policy over this card. That the card exists is judged before, by who knows all cards. */
export interface ActivatePolicyCommand extends Publish {
  readonly type: 'ActivatePolicy';
  readonly policyId: string;
  readonly cardId: string;
  /** In 1/10,000 of the notional inference, 0 to 10,000. */
  readonly byokFeeBasisPoints: bigint;
}

export interface PublishPlansCommand extends Publish {
  readonly type: 'PublishPlans';
  readonly tableId: string;
  /** Credits of one plan credit, 1 or more. */
  readonly planCredit: Credits;
  readonly plans: Readonly<Record<PlanName, Plan>>;
}

export type CatalogueCommand = PublishRateCardCommand | ActivatePolicyCommand | PublishPlansCommand;
