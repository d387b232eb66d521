import { ceilDiv, type Credits, splitFee } from '#libs/kernel/credits.js';
import { type RateCard, ratesOf } from './rate-card.js';
import { inferenceCost, type TokenCounts } from './tokens.js';

/** How a run is priced over a rate card. Immutable: a changed rule is a new policy id. */
export interface PricingPolicy {
  readonly id: string;
  /** The platform's markup in credits; `creatorFee` is the fee after the own-prompt rule. */
  markup(run: { readonly inference: Credits; readonly creatorFee: Credits }): Credits;
}

/** Everything a price depends on besides the run itself. */
export interface PricingTerms {
  readonly rateCard: RateCard;
  readonly policy: PricingPolicy;
  /** Share of the notional inference asked from a run on the user's own provider key, in 1/10,000. Default 0. */
  readonly byokFeeBasisPoints: bigint;
}

export interface PricedRun {
  readonly model: string;
  readonly tokens: TokenCounts;
  readonly byok: boolean;
  /** The user who pays; a creator running their own prompt pays no creator fee. */
  readonly payer?: string;
  readonly creatorId?: string;
  readonly creatorFee: Credits;
}

/** Every component of a price in credits; `total = inference + creatorFee + markup + byokFee`. */
export interface Price {
  readonly inference: Credits;
  readonly markup: Credits;
  readonly byokFee: Credits;
  readonly creatorFee: Credits;
  readonly creatorShare: Credits;
  readonly platformShare: Credits;
  readonly total: Credits;
}

const BASIS_POINTS = 10_000n;

/** Prices a run; undefined when the card has no rate for the model (`model.unpriced`: never free). */
export function priceRun(run: PricedRun, terms: PricingTerms): Price | undefined {
  const rates = ratesOf(terms.rateCard, run.model);
  if (rates === undefined) return undefined;
  const notional = inferenceCost(run.tokens, rates);
  const ownPrompt = run.creatorId === undefined || run.creatorId === run.payer;
  const creatorFee = ownPrompt ? 0n : run.creatorFee;
  const inference = run.byok ? 0n : notional;
  const markup = run.byok ? 0n : terms.policy.markup({ inference, creatorFee });
  const byokFee = run.byok ? ceilDiv(notional * terms.byokFeeBasisPoints, BASIS_POINTS) : 0n;
  return {
    inference,
    markup,
    byokFee,
    creatorFee,
    ...splitFee(creatorFee),
    total: inference + creatorFee + markup + byokFee,
  };
}
