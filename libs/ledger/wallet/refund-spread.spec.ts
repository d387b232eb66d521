import { draw } from '#test/support/ledger/wallet-builders.js';
import type { RefundParts } from './events.js';
import { payingSide, spreadRefund } from './refund-spread.js';

const parts = (
  inference: bigint,
  markup: bigint,
  byokFee: bigint,
  platformShare: bigint,
  creatorShare: bigint,
): RefundParts => ({ inference, markup, byokFee, platformShare, creatorShare });

const CHARGE = parts(10n, 20n, 30n, 40n, 50n);
const NOTHING = parts(0n, 0n, 0n, 0n, 0n);

/** With running sums S_k = 10, 30, 60, 100, 150 and T = 150, in the order in which the components stand here. */
describe('part_k = floor(S_k * r / T) - floor(S_(k-1) * r / T) over inference, markup, byokFee, shares', () => {
  test.each([
    ['half of it', 75n, parts(5n, 10n, 15n, 20n, 25n)],
    ['one credit: the creator share, the last of the order', 1n, parts(0n, 0n, 0n, 0n, 1n)],
    ['7: floors 0, 1, 2, 4, 7', 7n, parts(0n, 1n, 1n, 2n, 3n)],
    ['all but one: floors 9, 29, 59, 99, 149', 149n, parts(9n, 20n, 30n, 40n, 50n)],
    ['all of it', 150n, CHARGE],
  ])('%s', (_what, amount, spread) => {
    expect(spreadRefund(CHARGE, NOTHING, amount)).toEqual({
      kind: 'spread',
      amount,
      parts: spread,
      refunded: spread,
    });
  });

  test('over the remaining amounts: what went back before is in no running sum', () => {
    // 10, 19, 29, 38, 47 are left, running sums 10, 29, 58, 96, 143: floors of half 5, 14, 29, 48, 71.
    expect(spreadRefund(CHARGE, parts(0n, 1n, 1n, 2n, 3n), 71n)).toEqual({
      kind: 'spread',
      amount: 71n,
      parts: parts(4n, 10n, 14n, 19n, 24n),
      refunded: parts(4n, 11n, 15n, 21n, 27n),
    });
  });

  test('without an amount: everything that is left', () => {
    expect(spreadRefund(CHARGE, parts(4n, 11n, 15n, 21n, 27n))).toMatchObject({
      amount: 72n,
      parts: parts(6n, 9n, 15n, 19n, 23n),
      refunded: CHARGE,
    });
  });

  test.each([
    ['one more than is left', parts(0n, 1n, 1n, 2n, 3n), 144n, 143n],
    ['when nothing is left', CHARGE, undefined, 0n],
  ])('cumulative refunds never exceed the charge: %s', (_what, before, amount, remaining) => {
    expect(spreadRefund(CHARGE, before, amount)).toEqual({ kind: 'exceeds', remaining });
  });
});

describe('the paying side: uncollected, then lots last drawn first, then the allowance', () => {
  const charge = {
    uncollected: 10n,
    draws: [draw('a', 'promo', 20n), draw('b', 'purchased', 30n)],
    allowance: 40n,
  };

  test.each([
    ['within what is uncollected', 0n, 10n, { uncollected: 10n, draws: [], allowance: 0n }],
    [
      'the lot drawn last',
      10n,
      30n,
      { uncollected: 0n, draws: [draw('b', 'purchased', 30n)], allowance: 0n },
    ],
    [
      'across all borders',
      9n,
      52n,
      {
        uncollected: 1n,
        draws: [draw('b', 'purchased', 30n), draw('a', 'promo', 20n)],
        allowance: 1n,
      },
    ],
    ['what is left of the allowance', 61n, 39n, { uncollected: 0n, draws: [], allowance: 39n }],
  ])('%s', (_what, before, amount, side) => expect(payingSide(charge, before, amount)).toEqual(side));
});
