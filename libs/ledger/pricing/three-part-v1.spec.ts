import { countedMarkups } from '#test/support/expected-pricing.js';
import { threePartMarkup, THREE_PART_V1 } from './three-part-v1.js';

/** Twice the highest band's start: every boundary and a long way on both sides. */
const SWEEP_TO = 200_000;

describe('three-part-v1: markup without a creator fee', () => {
  test.each([
    ['20 % below 10,000: the last credit of the band', 9_999n, 2_000n],
    ['10 % from 10,000', 10_000n, 1_000n],
    ['10 % below 100,000: the last credit of the band', 99_999n, 10_000n],
    ['500 flat from 100,000', 100_000n, 500n],
    ['rounded up: one credit of inference', 1n, 1n],
    ['nothing for nothing', 0n, 0n],
    ['rounded up once: 6 credits', 6n, 2n],
    ['500 flat however large', 10n ** 17n, 500n],
  ])('%s', (_rule, inference, markup) => {
    expect(threePartMarkup(inference)).toBe(markup);
    expect(THREE_PART_V1.markup({ inference, creatorFee: 0n })).toBe(markup);
  });

  test(`every inference cost from 0 to ${SWEEP_TO} has the markup of a table found by counting`, () => {
    const expected = countedMarkups(SWEEP_TO);
    const differing: string[] = [];
    for (let inference = 0; inference <= SWEEP_TO; inference++) {
      const markup = threePartMarkup(BigInt(inference));
      if (markup !== BigInt(expected[inference]!)) differing.push(`${inference}: ${markup}`);
    }
    expect(differing).toEqual([]);
    expect(expected).toHaveLength(SWEEP_TO + 1);
  });
});

describe('three-part-v1: with a creator fee', () => {
  test.each([
    [0n, 1n],
    [9_999n, 1n],
    [50_000n, 1_000n],
    [100_000n, 100_000_000n],
  ])('inference %s, fee %s: no markup', (inference, creatorFee) => {
    expect(THREE_PART_V1.markup({ inference, creatorFee })).toBe(0n);
  });
});
