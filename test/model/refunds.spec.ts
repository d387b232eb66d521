import fc from 'fast-check';
import { termsWith } from '#test/support/ledger/given.js';
import { arbitraryRefundCase, checkRefunds } from '#test/support/model/refund-case.js';
import { checkSpread, countedSpread } from '#test/support/model/refund-oracle.js';
import { patience, showed, sized } from '#test/support/proof.js';
import { printedSeed } from '#test/support/property.js';

/** Charges with their refunds. */
const RUNS = sized({ everyday: 5_000, full: 200_000 });
const PATIENCE_MS = patience({ everyday: 60_000, full: 600_000 });

/** With a fee for own provider keys and an allowance that ends, so that a charge has every component and payer. */
const TERMS = termsWith({
  pricing: { byokFeeBasisPoints: 700n },
  plans: {
    ELITE: { monthly: { kind: 'unlimited', covers: ['inference', 'markup', 'byokFee'], fairUse: 9_000n } },
  },
});

describe('refunds', () => {
  test(
    'random charges and refunds: never negative, never above the charge, a full reversal exact to the credit',
    () => {
      let refunds = 0;
      let charges = 0;
      const seed = printedSeed('refunds reverse charges', RUNS);
      fc.assert(
        fc.property(arbitraryRefundCase, (asked) => {
          const count = checkRefunds(asked, TERMS);
          if (count === undefined) return;
          charges += 1;
          refunds += count;
        }),
        { numRuns: RUNS, seed },
      );
      showed({
        guarantee: 'refunds',
        proof: 'random charges and refunds',
        seed,
        figures: { runs: RUNS, charges, refunds },
      });
      expect(refunds).toBeGreaterThan(RUNS);
    },
    PATIENCE_MS,
  );

  test('the two tellings of the rule agree, and a wrong spreading is noticed', () => {
    const left = { inference: 10n, markup: 3n, byokFee: 0n, platformShare: 1n, creatorShare: 4n };
    // Half of 10, 13, 13, 14 and 18, rounded down, one after another: 5, 6, 6, 7, 9.
    const half = { inference: 5n, markup: 1n, byokFee: 0n, platformShare: 1n, creatorShare: 2n };
    expect(countedSpread(left, 9n)).toEqual(half);
    expect(() => checkSpread(left, 9n, half)).not.toThrow();
    expect(() => checkSpread(left, 9n, { ...half, markup: 2n, creatorShare: 1n })).toThrow('Up to markup');
    expect(() => checkSpread(left, 9n, { ...half, creatorShare: 1n })).toThrow('Up to creatorShare');
  });
});
