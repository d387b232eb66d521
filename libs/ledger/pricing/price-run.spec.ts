import fc from 'fast-check';
import { splitFee } from '#libs/kernel/credits.js';
import {
  EXPECTED_MODELS,
  EXPECTED_V0_MODELS,
  expectedCharge,
  type ExpectedPolicy,
} from '#test/support/expected-pricing.js';
import { holds } from '#test/support/property.js';
import { policyOf, POLICY_IDS } from './policies.js';
import { type PricedRun, priceRun } from './policy.js';
import { ratesOf, STANDARD_RATE_CARD, TOKEN_RATES_2024 } from './rate-card.js';
import type { PricingTerms } from './terms.js';
import { THREE_PART_V1 } from './three-part-v1.js';
import { inferenceCost, type TokenCounts, TOKENS_MAX } from './tokens.js';

const PROPERTY_RUNS = 2_000;
const TERMS: PricingTerms = {
  rateCard: STANDARD_RATE_CARD,
  policy: THREE_PART_V1,
  byokFeeBasisPoints: 0n,
  planCredit: 10_000n,
};

const tokens = (inputTokens: number, outputTokens = 0): TokenCounts => ({
  inputTokens,
  outputTokens,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
});

const run = (more: Partial<PricedRun> = {}): PricedRun => ({
  model: 'gpt-4',
  tokens: tokens(1_000),
  byok: false,
  payer: 'u-1',
  creatorFee: 0n,
  ...more,
});

const NO_FEE = { byokFee: 0n, creatorFee: 0n, creatorShare: 0n, platformShare: 0n };

describe('a price is inference + creator fee + markup + BYOK fee', () => {
  test('without a creator: markup by the band of the inference', () => {
    expect(priceRun(run(), TERMS)).toEqual({
      ...NO_FEE,
      inference: 30_000n,
      markup: 3_000n,
      total: 33_000n,
    });
  });

  test('with a creator fee: 80 % to the creator, 20 % to the platform, no markup', () => {
    expect(priceRun(run({ creatorId: 'c-1', creatorFee: 1_000n }), TERMS)).toEqual({
      inference: 30_000n,
      markup: 0n,
      byokFee: 0n,
      creatorFee: 1_000n,
      creatorShare: 800n,
      platformShare: 200n,
      total: 31_000n,
    });
  });

  test('a creator who asks no fee: markup applies', () => {
    expect(priceRun(run({ creatorId: 'c-1' }), TERMS)).toMatchObject({ markup: 3_000n, total: 33_000n });
  });

  test('own prompt: no creator fee, markup instead', () => {
    expect(priceRun(run({ creatorId: 'u-1', creatorFee: 1_000n }), TERMS)).toEqual({
      ...NO_FEE,
      inference: 30_000n,
      markup: 3_000n,
      total: 33_000n,
    });
  });

  test('BYOK: no inference, no markup, creator fee as usual', () => {
    expect(priceRun(run({ byok: true, creatorId: 'c-1', creatorFee: 7n }), TERMS)).toEqual({
      inference: 0n,
      markup: 0n,
      byokFee: 0n,
      creatorFee: 7n,
      creatorShare: 6n,
      platformShare: 1n,
      total: 7n,
    });
  });

  test('BYOK: the fee is a share of the notional inference, rounded up', () => {
    const terms = { ...TERMS, byokFeeBasisPoints: 125n };
    // 30,030 notional credits x 1.25 % = 375.375
    expect(priceRun(run({ byok: true, tokens: tokens(1_001) }), terms)).toEqual({
      ...NO_FEE,
      inference: 0n,
      markup: 0n,
      byokFee: 376n,
      total: 376n,
    });
  });

  test('a run without tokens costs nothing', () => {
    expect(priceRun(run({ tokens: tokens(0) }), TERMS)).toMatchObject({
      inference: 0n,
      markup: 0n,
      total: 0n,
    });
  });
});

describe('a fee is split without loss', () => {
  test.each([
    [7n, 6n, 1n],
    [99n, 80n, 19n],
    [1_003n, 803n, 200n],
    [1n, 1n, 0n],
    [4n, 4n, 0n],
    [5n, 4n, 1n],
    [100_000_000n, 80_000_000n, 20_000_000n],
  ])('fee %s gives the creator %s and the platform %s', (fee, creatorShare, platformShare) => {
    expect(splitFee(fee)).toEqual({ creatorShare, platformShare });
  });
});

describe('inference is rounded up once for the run', () => {
  test('three buckets with a fraction each: one rounding, not three', () => {
    const counts = { inputTokens: 1, outputTokens: 1, cachedInputTokens: 1, cacheWriteTokens: 0 };
    // deepseek: 0.28 + 0.42 + 0.028 = 0.728
    expect(inferenceCost(counts, ratesOf(STANDARD_RATE_CARD, 'deepseek')!)).toBe(1n);
  });

  test('exact far beyond what a floating point number holds', () => {
    const counts = {
      inputTokens: TOKENS_MAX,
      outputTokens: TOKENS_MAX,
      cachedInputTokens: TOKENS_MAX,
      cacheWriteTokens: TOKENS_MAX - 1,
    };
    // claude-3-opus: 10^9 x (15 + 75 + 1.5 + 18.75) - 18.75, rounded up
    expect(inferenceCost(counts, ratesOf(STANDARD_RATE_CARD, 'claude-3-opus')!)).toBe(110_249_999_982n);
  });

  test.each([
    ['cache reads have their own rate', 'claude-3-opus', { cachedInputTokens: 1_000 }, 1_500n],
    ['cache writes have their own rate', 'claude-3-opus', { cacheWriteTokens: 1_000 }, 18_750n],
    ['cache reads without a rate cost input', 'gpt-4', { cachedInputTokens: 1_000 }, 30_000n],
    ['cache writes without a rate cost input', 'deepseek', { cacheWriteTokens: 1_000 }, 280n],
    ['deepseek cache reads, rounded up', 'deepseek', { cachedInputTokens: 1_001 }, 29n],
  ])('%s', (_rule, model, counts, credits) => {
    expect(inferenceCost({ ...tokens(0), ...counts }, ratesOf(STANDARD_RATE_CARD, model)!)).toBe(credits);
  });
});

describe('rate cards', () => {
  test.each([
    ['gpt-4', { input: 30_000_000n, output: 60_000_000n }],
    ['gpt-4-turbo', { input: 10_000_000n, output: 30_000_000n }],
    ['gpt-4-32k', { input: 60_000_000n, output: 120_000_000n }],
    ['gpt-3.5-turbo', { input: 500_000n, output: 1_500_000n }],
    ['deepseek', { input: 280_000n, output: 420_000n, cacheRead: 28_000n }],
    [
      'claude-3-opus',
      { input: 15_000_000n, output: 75_000_000n, cacheRead: 1_500_000n, cacheWrite: 18_750_000n },
    ],
    [
      'claude-3-sonnet',
      { input: 3_000_000n, output: 15_000_000n, cacheRead: 300_000n, cacheWrite: 3_750_000n },
    ],
    ['mistral-large', { input: 2_000_000n, output: 6_000_000n }],
    ['mixtral-8x7b', { input: 700_000n, output: 700_000n }],
  ])('standard: %s', (model, rates) => {
    expect(ratesOf(STANDARD_RATE_CARD, model)).toEqual(rates);
  });

  test.each([
    ['gpt-4', 30_000n],
    ['gpt-3.5-turbo', 2_000n],
    ['deepseek', 1_000n],
  ])('token-rates-2024: 1K tokens of %s cost %s credits, input and output alike', (model, credits) => {
    const rates = ratesOf(TOKEN_RATES_2024, model)!;
    expect([inferenceCost(tokens(1_000), rates), inferenceCost(tokens(0, 1_000), rates)]).toEqual([
      credits,
      credits,
    ]);
  });

  test('claude-3-opus-200k is another name of claude-3-opus', () => {
    expect(ratesOf(STANDARD_RATE_CARD, 'claude-3-opus-200k')).toBe(
      ratesOf(STANDARD_RATE_CARD, 'claude-3-opus'),
    );
  });

  test.each(['gpt-5', '', 'GPT-4', 'constructor', '__proto__'])(
    'a model that is not on the card has no price: "%s"',
    (model) => {
      expect(priceRun(run({ model }), TERMS)).toBeUndefined();
      expect(priceRun(run({ model, byok: true }), TERMS)).toBeUndefined();
    },
  );

  test('shipped cards are in force from the epoch, ids and versions fixed', () => {
    expect(
      [STANDARD_RATE_CARD, TOKEN_RATES_2024].map(({ id, version, effectiveFrom }) => [
        id,
        version,
        effectiveFrom,
      ]),
    ).toEqual([
      ['standard', 1, 0],
      ['token-rates-2024', 1, 0],
    ]);
  });
});

describe('against a second computation from the rules alone', () => {
  test.each(POLICY_IDS)('%s: random runs of every model cost the same', (policyId) => {
    const count = fc.oneof(fc.nat(20), fc.nat(5_000), fc.nat(TOKENS_MAX));
    const models = policyId === 'token-credits-v0' ? EXPECTED_V0_MODELS : EXPECTED_MODELS;
    const priced = fc.record({
      model: fc.constantFrom(...models),
      inputTokens: count,
      outputTokens: count,
      cachedInputTokens: count,
      cacheWriteTokens: count,
      creatorFee: fc.oneof(fc.constant(0), fc.nat(30), fc.nat(100_000_000)),
      creatorIsPayer: fc.boolean(),
      byok: fc.boolean(),
    });
    holds(
      `priceRun equals expectedCharge under ${policyId}`,
      PROPERTY_RUNS,
      fc.property(priced, ({ model, creatorFee, creatorIsPayer, byok, ...counts }) => {
        const creatorId = creatorIsPayer ? 'u-1' : 'c-1';
        const asked = run({ model, tokens: counts, byok, creatorId, creatorFee: BigInt(creatorFee) });
        const policy = policyId as ExpectedPolicy;
        expect(priceRun(asked, { ...TERMS, policy: policyOf(policyId)! })).toEqual({
          byokFee: 0n,
          ...expectedCharge({ policy, model, creatorFee, creatorIsPayer, byok, ...counts }),
        });
      }),
    );
  });
});
