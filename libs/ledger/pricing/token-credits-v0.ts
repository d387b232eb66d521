import { ceilDiv } from '#libs/kernel/credits.js';
import type { PricingPolicy } from './pricing-policy.js';

/** Tokens that one plan credit pays for, input and output alike. */
const TOKENS_PER_PLAN_CREDIT: ReadonlyMap<string, bigint> = new Map([
  ['gpt-4', 8n],
  ['gpt-3.5-turbo', 80n],
  ['deepseek', 100n],
]);

/**
 * The older plan document: whole plan credits by the number of all tokens, booked as inference, without markup. It has
 * a table of its own and looks at no rate card; models outside the table have no price.
 */
export const TOKEN_CREDITS_V0: PricingPolicy = {
  id: 'token-credits-v0',
  inference: ({ model, tokens }, { planCredit }) => {
    const tokensPerCredit = TOKENS_PER_PLAN_CREDIT.get(model);
    if (tokensPerCredit === undefined) return undefined;
    const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens } = tokens;
    const all = BigInt(inputTokens + outputTokens + cachedInputTokens + cacheWriteTokens);
    return ceilDiv(all, tokensPerCredit) * planCredit;
  },
  markup: () => 0n,
};
