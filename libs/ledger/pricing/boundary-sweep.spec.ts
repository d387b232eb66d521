import {
  countedGraduatedMarkups,
  countedMarkups,
  EXPECTED_MODELS,
  EXPECTED_V0_MODELS,
  expectedCharge,
  type ExpectedPolicy,
} from '#test/support/expected-pricing.js';
import { POLICIES, POLICY_IDS, policyOf } from './policies.js';
import { type PricedRun, priceRun } from './policy.js';
import { type RateCard, STANDARD_RATE_CARD } from './rate-card.js';
import type { PricingTerms } from './terms.js';
import { type TokenCounts } from './tokens.js';

const SWEEP_TO = 200_000;
/** Where a fee of 10,000 credits leaves 2,000 to the platform. */
const FEE = 10_000n;
const FEE_SHARE = 2_000;

/** One credit a token, so that a run of n tokens has an inference cost of n; so too v0 with a plan credit of 1. */
const CREDIT_A_TOKEN: RateCard = {
  id: 'credit-a-token',
  version: 1,
  effectiveFrom: 0,
  models: new Map([['gpt-4', { input: 1_000_000n, output: 1_000_000n }]]),
  aliases: new Map(),
};
const V0_TOKENS_OF_ONE = 8;

const termsOf = (policyId: string, more: Partial<PricingTerms> = {}): PricingTerms => ({
  rateCard: STANDARD_RATE_CARD,
  policy: policyOf(policyId)!,
  byokFeeBasisPoints: 0n,
  planCredit: 10_000n,
  ...more,
});

const tokens = (inputTokens: number, outputTokens = 0): TokenCounts => ({
  inputTokens,
  outputTokens,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
});

/** A run whose inference costs `inference` credits under the policy. */
function costing(policyId: string, inference: number, more: Partial<PricedRun>): bigint | undefined {
  const terms = termsOf(policyId, { rateCard: CREDIT_A_TOKEN, planCredit: 1n });
  const count = policyId === 'token-credits-v0' ? inference * V0_TOKENS_OF_ONE : inference;
  const run = { model: 'gpt-4', tokens: tokens(count), byok: false, payer: 'u-1', creatorFee: 0n, ...more };
  return priceRun(run, terms)?.total;
}

/** Totals without and with a creator fee, from counted tables. */
const TABLES: Readonly<
  Record<string, (upTo: number) => { plain: readonly number[]; withFee: readonly number[] }>
> = {
  'three-part-v1': (upTo) => {
    const markups = countedMarkups(upTo);
    return {
      plain: markups.map((markup, inference) => inference + markup),
      withFee: markups.map((_, inference) => inference + Number(FEE)),
    };
  },
  'graduated-v2': (upTo) => {
    const markups = countedGraduatedMarkups(upTo);
    return {
      plain: markups.map((markup, inference) => inference + markup),
      withFee: markups.map(
        (markup, inference) => inference + Number(FEE) + (markup < FEE_SHARE ? 0 : markup - FEE_SHARE),
      ),
    };
  },
  'token-credits-v0': (upTo) => {
    const plain = Array.from({ length: upTo + 1 }, (_, inference) => inference);
    return { plain, withFee: plain.map((inference) => inference + Number(FEE)) };
  },
};

test('the three policies of the domain rules are there, under their ids', () => {
  expect(POLICY_IDS).toEqual(['three-part-v1', 'graduated-v2', 'token-credits-v0']);
  expect(Object.keys(TABLES)).toEqual(POLICY_IDS);
  expect(POLICIES.map(({ id }) => policyOf(id)?.id)).toEqual(POLICY_IDS);
  expect(policyOf('constructor')).toBeUndefined();
});

describe.each(POLICY_IDS)(`%s: every inference cost from 0 to ${SWEEP_TO}`, (policyId) => {
  test('costs what the counted table says: without a fee, with one, and as an own prompt', () => {
    const { plain, withFee } = TABLES[policyId]!(SWEEP_TO);
    const differing: string[] = [];
    for (let inference = 0; inference <= SWEEP_TO; inference++) {
      const totals = [
        costing(policyId, inference, {}),
        costing(policyId, inference, { creatorId: 'c-1', creatorFee: FEE }),
        costing(policyId, inference, { creatorId: 'u-1', creatorFee: FEE }),
      ];
      const expected = [plain[inference]!, withFee[inference]!, plain[inference]!].map(BigInt);
      if (totals.some((total, i) => total !== expected[i]))
        differing.push(`${inference}: ${totals.join(', ')}`);
    }
    expect(differing).toEqual([]);
  });
});

describe('a dearer run and the total', () => {
  test.each([0n, 1n, 9n, FEE])(
    'graduated-v2 never costs less for more inference, creator fee %s',
    (creatorFee) => {
      const falling: number[] = [];
      let before = -1n;
      for (let inference = 0; inference <= SWEEP_TO; inference++) {
        const total = costing('graduated-v2', inference, { creatorId: 'c-1', creatorFee })!;
        if (total < before) falling.push(inference);
        before = total;
      }
      expect(falling).toEqual([]);
    },
  );

  test('three-part-v1 has its two cliffs, and no other', () => {
    const falling: number[] = [];
    for (let inference = 1; inference <= SWEEP_TO; inference++) {
      if (costing('three-part-v1', inference, {})! < costing('three-part-v1', inference - 1, {})!)
        falling.push(inference);
    }
    expect(falling).toEqual([10_000, 100_000]);
    expect(costing('three-part-v1', 9_999, {})).toBe(11_999n);
    expect(costing('three-part-v1', 10_000, {})).toBe(11_000n);
  });
});

describe('every model at small counts, around each rounding edge', () => {
  test.each(POLICY_IDS)('%s costs what the second computation says', (policyId) => {
    const terms = termsOf(policyId);
    const differing: unknown[] = [];
    for (const model of policyId === 'token-credits-v0' ? EXPECTED_V0_MODELS : EXPECTED_MODELS) {
      for (let n = 0; n <= 2_000; n++) {
        const run = { policy: policyId as ExpectedPolicy, model, ...tokens(n, n % 7), creatorFee: n % 11 };
        const expected = expectedCharge(run);
        const { inputTokens, outputTokens } = run;
        const priced = { model, tokens: tokens(inputTokens, outputTokens), byok: false, payer: 'u-1' };
        const price = priceRun({ ...priced, creatorId: 'c-1', creatorFee: BigInt(n % 11) }, terms);
        if (price?.total !== expected.total || price.inference !== expected.inference)
          differing.push([model, n]);
      }
    }
    expect(differing).toEqual([]);
  });
});
