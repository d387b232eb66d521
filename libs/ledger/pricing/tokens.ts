import { ceilDiv, type Credits } from '#libs/kernel/credits.js';
import type { ModelRates } from './rate-card.js';

/** The four disjoint token buckets of a run. JSON integers, 0 to 10^9 each. */
export interface TokenCounts {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
}

export const TOKENS_MAX = 1_000_000_000;
const TOKENS_PER_RATE = 1_000_000n;

/**
 * `ceil(sum(tokens_i * rate_i) / 1,000,000)`: rounded up once for the run, in integer arithmetic
 * (domain rules, section 2).
 */
export function inferenceCost(tokens: TokenCounts, rates: ModelRates): Credits {
  let sum = BigInt(tokens.inputTokens) * rates.input + BigInt(tokens.outputTokens) * rates.output;
  if (tokens.cachedInputTokens > 0)
    sum += BigInt(tokens.cachedInputTokens) * (rates.cacheRead ?? rates.input);
  if (tokens.cacheWriteTokens > 0) sum += BigInt(tokens.cacheWriteTokens) * (rates.cacheWrite ?? rates.input);
  return ceilDiv(sum, TOKENS_PER_RATE);
}
