import { ceilDiv, type Credits, maxCredits, minCredits, splitFee } from '#libs/kernel/credits.js';
import { cardInference } from './card-inference.js';
import type { PricingPolicy } from './pricing-policy.js';

/** Where the bands end, in credits of inference. */
const FIRST_BAND_TO: Credits = 10_000n;
const SECOND_BAND_TO: Credits = 100_000n;
/** Markup of the part of the inference that lies in each band, in 1/1,000. */
const FIRST_BAND = 200n;
const SECOND_BAND = 100n;
const REST = 5n;
const THOUSAND = 1_000n;

/**
 * 20 % of the first 10,000 credits of inference, 10 % of the next 90,000, 0.5 % of what is above: summed exactly and
 * rounded up once, so that a dearer run never costs less in total.
 */
export function graduatedMarkup(inference: Credits): Credits {
  const first = minCredits(inference, FIRST_BAND_TO);
  const second = minCredits(inference, SECOND_BAND_TO) - first;
  const rest = inference - first - second;
  return ceilDiv(first * FIRST_BAND + second * SECOND_BAND + rest * REST, THOUSAND);
}

/** The platform never earns less because of a creator fee: its share of the fee counts towards the markup. */
export const GRADUATED_V2: PricingPolicy = {
  id: 'graduated-v2',
  inference: cardInference,
  markup: ({ inference, creatorFee }) =>
    maxCredits(0n, graduatedMarkup(inference) - splitFee(creatorFee).platformShare),
};
