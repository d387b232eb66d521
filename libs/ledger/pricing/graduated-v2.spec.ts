import { countedGraduatedMarkups } from '#test/support/expected-pricing.js';
import { GRADUATED_V2, graduatedMarkup } from './graduated-v2.js';

/** Twice where the last band begins: every boundary and a long way on both sides. */
const SWEEP_TO = 200_000;

describe('graduated-v2: 20 % of the first 10,000, 10 % of the next 90,000, 0.5 % above, rounded up once', () => {
  test.each([
    ['the first band, whole', 10_000n, 2_000n],
    ['the first two bands, whole', 100_000n, 11_000n],
    ['900,000 above them', 1_000_000n, 15_500n],
    ['nothing for nothing', 0n, 0n],
    ['one credit: 0.2, rounded up', 1n, 1n],
    ['the last credit of the first band: 1,999.8', 9_999n, 2_000n],
    ['the first of the second: 2,000.1', 10_001n, 2_001n],
    ['the last of the second: 10,999.9', 99_999n, 11_000n],
    ['the first above: 11,000.005', 100_001n, 11_001n],
    ['far beyond floating point: 0.5 % of 10^18 and 10,500 more', 10n ** 18n, 5n * 10n ** 15n + 10_500n],
  ])('%s: inference %s, markup %s', (_rule, inference, markup) => {
    expect(graduatedMarkup(inference)).toBe(markup);
    expect(GRADUATED_V2.markup({ inference, creatorFee: 0n })).toBe(markup);
  });

  test(`every inference cost from 0 to ${SWEEP_TO} has the markup of a table found by counting`, () => {
    const expected = countedGraduatedMarkups(SWEEP_TO);
    const differing: string[] = [];
    for (let inference = 0; inference <= SWEEP_TO; inference++) {
      const markup = graduatedMarkup(BigInt(inference));
      if (markup !== BigInt(expected[inference]!)) differing.push(`${inference}: ${markup}`);
    }
    expect(differing).toEqual([]);
    expect(expected).toHaveLength(SWEEP_TO + 1);
  });
});

describe('graduated-v2: with a creator fee, markup is what the platform share of the fee leaves of it', () => {
  test.each([
    ['a fee of one credit closes nothing: no share, full markup', 10_000n, 1n, 2_000n],
    ['a share below the markup lowers it', 10_000n, 5_000n, 1_000n],
    ['a share as large as the markup takes its place', 10_000n, 10_000n, 0n],
    ['a larger one too, never less than nothing', 10_000n, 10_005n, 0n],
    ['the rounded share counts: fee 9, share 1', 10_000n, 9n, 1_999n],
  ])('%s', (_rule, inference, creatorFee, markup) => {
    expect(GRADUATED_V2.markup({ inference, creatorFee })).toBe(markup);
  });
});
