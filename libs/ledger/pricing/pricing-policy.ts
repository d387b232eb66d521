import type { Credits } from '#libs/kernel/credits.js';
import type { RateCard } from './rate-card.js';
import type { TokenCounts } from './tokens.js';

/** What was run: the model as requested, before aliases. */
export interface ModelRun {
  readonly model: string;
  readonly tokens: TokenCounts;
}

/** What a policy may look its prices up in. */
export interface PriceBasis {
  readonly rateCard: RateCard;
  /** Credits of one plan credit, for the policy that counts in them. */
  readonly planCredit: Credits;
}

/** How a run is priced. Immutable: a changed rule is a new policy id. */
export interface PricingPolicy {
  readonly id: string;
  /** What the tokens cost in credits, before the BYOK rule; undefined when the policy has no price for the model. */
  inference(run: ModelRun, basis: PriceBasis): Credits | undefined;
  /** The platform's markup in credits; `creatorFee` is the fee after the own-prompt rule. */
  markup(run: { readonly inference: Credits; readonly creatorFee: Credits }): Credits;
}
