import type { Credits } from '#libs/kernel/credits.js';
import type { ModelRun, PriceBasis } from './pricing-policy.js';
import { ratesOf } from './rate-card.js';
import { inferenceCost } from './tokens.js';

/** Inference at the rates of the card; undefined for a model that is not on it. */
export function cardInference(
  { model, tokens }: ModelRun,
  { rateCard }: Pick<PriceBasis, 'rateCard'>,
): Credits | undefined {
  const rates = ratesOf(rateCard, model);
  return rates === undefined ? undefined : inferenceCost(tokens, rates);
}
