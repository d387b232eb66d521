import { ceilDiv, type Credits, splitFee } from '#libs/kernel/credits.js';
import type { PricingTerms } from './terms.js';
import type { TokenCounts } from './tokens.js';

/** How a run is priced. Immutable: a changed rule is a new policy id. */
export interface PricingPolicy {
  readonly id: string;
  /** What the tokens cost in credits, before the BYOK rule; undefined when the policy has no price for the model. */
  inference(run: Pick<PricedRun, 'model' | 'tokens'>, terms: PriceBasis): Credits | undefined;
  /** The platform's markup in credits; `creatorFee` is the fee after the own-prompt rule. */
  markup(run: { readonly inference: Credits; readonly creatorFee: Credits }): Credits;
}

/** What a policy may look its prices up in. */
export type PriceBasis = Pick<PricingTerms, 'rateCard' | 'planCredit'>;

export interface PricedRun {
  /** As requested, before aliases. */
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

/** Shares in 1/10,000: 125 is 1.25 %. */
export const BASIS_POINTS = 10_000n;

/** Prices a run; undefined when the terms have no price for the model (`model.unpriced`: never free). */
export function priceRun(run: PricedRun, terms: PricingTerms): Price | undefined {
  const notional = terms.policy.inference(run, terms);
  if (notional === undefined) return undefined;
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
