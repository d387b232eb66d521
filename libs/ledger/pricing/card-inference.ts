import type { Credits } from '#libs/kernel/credits.js';
import type { PriceBasis, PricedRun } from './policy.js';
import { ratesOf } from './rate-card.js';
import { inferenceCost } from './tokens.js';

/** Inference at the rates of the card; undefined for a model that is not on it. */
export function cardInference(
  { model, tokens }: Pick<PricedRun, 'model' | 'tokens'>,
  { rateCard }: Pick<PriceBasis, 'rateCard'>,
): Credits | undefined {
  const rates = ratesOf(rateCard, model);
  return rates === undefined ? undefined : inferenceCost(tokens, rates);
}
