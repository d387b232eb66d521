import { ceilDiv, type Credits, splitFee } from '#libs/kernel/credits.js';
import type { ModelRun } from './pricing-policy.js';
import type { PricingTerms } from './terms.js';

export interface PricedRun extends ModelRun {
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
