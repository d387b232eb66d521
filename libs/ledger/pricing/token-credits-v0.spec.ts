import { EXPECTED_V0_MODELS } from '#test/support/expected-pricing.js';
import { priceRun } from './policy.js';
import { STANDARD_RATE_CARD, TOKEN_RATES_2024 } from './rate-card.js';
import type { PricingTerms } from './terms.js';
import { TOKEN_CREDITS_V0 } from './token-credits-v0.js';
import { type TokenCounts, TOKENS_MAX } from './tokens.js';

const TERMS: PricingTerms = {
  rateCard: STANDARD_RATE_CARD,
  policy: TOKEN_CREDITS_V0,
  byokFeeBasisPoints: 0n,
  planCredit: 10_000n,
};
const SWEEP_TO = 20_000;

const tokens = (inputTokens: number, more: Partial<TokenCounts> = {}): TokenCounts => ({
  inputTokens,
  outputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  ...more,
});

const priced = (model: string, counts: TokenCounts, terms = TERMS) =>
  priceRun({ model, tokens: counts, byok: false, payer: 'u-1', creatorFee: 0n }, terms);

describe('token-credits-v0: whole plan credits by the number of all tokens', () => {
  test.each([
    ['gpt-4', 8, 1n],
    ['gpt-4', 9, 2n],
    ['gpt-4', 1, 1n],
    ['gpt-4', 0, 0n],
    ['gpt-3.5-turbo', 80, 1n],
    ['gpt-3.5-turbo', 81, 2n],
    ['deepseek', 100, 1n],
    ['deepseek', 101, 2n],
  ])(
    '%s: %s tokens are %s plan credits, booked as inference, without markup',
    (model, count, planCredits) => {
      expect(priced(model, tokens(count))).toEqual({
        inference: planCredits * 10_000n,
        markup: 0n,
        byokFee: 0n,
        creatorFee: 0n,
        creatorShare: 0n,
        platformShare: 0n,
        total: planCredits * 10_000n,
      });
    },
  );

  test('all four buckets count alike, and are rounded once', () => {
    const counts = tokens(3, { outputTokens: 2, cachedInputTokens: 2, cacheWriteTokens: 2 });
    expect(priced('gpt-4', counts)?.inference).toBe(20_000n);
  });

  test('exact at the largest counts', () => {
    const most = { outputTokens: TOKENS_MAX, cachedInputTokens: TOKENS_MAX, cacheWriteTokens: TOKENS_MAX };
    expect(priced('gpt-4', tokens(TOKENS_MAX, most))?.inference).toBe(500_000_000n * 10_000n);
    expect(priced('deepseek', tokens(TOKENS_MAX - 99, most))?.inference).toBe(40_000_000n * 10_000n);
  });

  test('the size of a plan credit is that of the terms', () => {
    expect(priced('gpt-4', tokens(9), { ...TERMS, planCredit: 7n })?.total).toBe(14n);
  });

  test('a creator fee is added and split as in three-part-v1', () => {
    const run = { model: 'gpt-4', tokens: tokens(8), byok: false, payer: 'u-1', creatorId: 'c-1' };
    expect(priceRun({ ...run, creatorFee: 1_003n }, TERMS)).toEqual({
      inference: 10_000n,
      markup: 0n,
      byokFee: 0n,
      creatorFee: 1_003n,
      creatorShare: 803n,
      platformShare: 200n,
      total: 11_003n,
    });
    expect(priceRun({ ...run, creatorId: 'u-1', creatorFee: 1_003n }, TERMS)?.total).toBe(10_000n);
  });

  test('BYOK: no inference; the fee is a share of what the tokens would have cost', () => {
    const run = { model: 'gpt-4', tokens: tokens(9), byok: true, payer: 'u-1', creatorFee: 0n };
    expect(priceRun(run, TERMS)?.total).toBe(0n);
    expect(priceRun(run, { ...TERMS, byokFeeBasisPoints: 333n })).toMatchObject({
      inference: 0n,
      markup: 0n,
      byokFee: 666n,
      total: 666n,
    });
  });

  test.each(['gpt-4-turbo', 'claude-3-opus', 'claude-3-opus-200k', 'GPT-4', 'constructor', ''])(
    'a model outside its table has no price, whatever the card says: "%s"',
    (model) => {
      expect(priced(model, tokens(8))).toBeUndefined();
    },
  );

  test('no rate card is needed', () => {
    const bare = { ...TOKEN_RATES_2024, models: new Map(), aliases: new Map() };
    expect(priced('gpt-4', tokens(8), { ...TERMS, rateCard: bare })?.total).toBe(10_000n);
  });

  test(`0 to ${SWEEP_TO} tokens of every model cost what counting them off costs`, () => {
    expect(EXPECTED_V0_MODELS).toEqual(['gpt-4', 'gpt-3.5-turbo', 'deepseek']);
    const differing: string[] = [];
    for (const [model, perPlanCredit] of [
      ['gpt-4', 8],
      ['gpt-3.5-turbo', 80],
      ['deepseek', 100],
    ] as const) {
      let credits = 0n;
      for (let count = 0; count <= SWEEP_TO; count++) {
        // The first token of each plan credit costs all of it, the others nothing more.
        if (count % perPlanCredit === 1) credits += 10_000n;
        if (priced(model, tokens(count))?.total !== credits) differing.push(`${model} ${count}`);
      }
    }
    expect(differing).toEqual([]);
  });
});
