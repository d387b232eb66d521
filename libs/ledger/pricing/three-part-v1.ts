import { ceilDiv, type Credits } from '#libs/kernel/credits.js';
import { cardInference } from './card-inference.js';
import type { PricingPolicy } from './pricing-policy.js';

const SMALL_RUN_BELOW: Credits = 10_000n;
const MEDIUM_RUN_BELOW: Credits = 100_000n;
const LARGE_RUN_MARKUP: Credits = 500n;

/** Markup of a run without creator fee: 20 % below 10,000 credits of inference, 10 % below 100,000, else 500 flat. */
export function threePartMarkup(inference: Credits): Credits {
  if (inference < SMALL_RUN_BELOW) return ceilDiv(inference, 5n);
  if (inference < MEDIUM_RUN_BELOW) return ceilDiv(inference, 10n);
  return LARGE_RUN_MARKUP;
}

/** The product's written rule and the default: a creator fee replaces the platform's markup. */
export const THREE_PART_V1: PricingPolicy = {
  id: 'three-part-v1',
  inference: cardInference,
  markup: ({ inference, creatorFee }) => (creatorFee > 0n ? 0n : threePartMarkup(inference)),
};
