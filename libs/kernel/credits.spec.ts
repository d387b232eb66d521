import { ceilDiv, formatUsd, parseCredits, splitFee } from './credits.js';

describe('credits are whole numbers (domain rules, section 1)', () => {
  test.each([
    ['0', 0n],
    ['1', 1n],
    ['999999999999999999', 999_999_999_999_999_999n],
    [0, 0n],
    [42, 42n],
    [Number.MAX_SAFE_INTEGER, 9_007_199_254_740_991n],
  ])('%p is accepted', (raw, credits) => {
    expect(parseCredits(raw)).toEqual({ ok: true, value: credits });
  });

  test.each([
    '',
    ' 12 ',
    '+5',
    '-1',
    '01',
    '1.0',
    '1e3',
    '0x10',
    '١٢',
    '１２',
    '1000000000000000000',
    '12\n',
    -0,
    -1,
    1.5,
    NaN,
    Infinity,
    2 ** 53,
    1e21,
    null,
    undefined,
    true,
    {},
    [],
    [1],
    5n,
  ])('%p is refused', (raw) => {
    expect(parseCredits(raw)).toMatchObject({ ok: false });
  });
});

describe('shares are split without loss', () => {
  test.each([
    [7n, 6n, 1n],
    [99n, 80n, 19n],
    [1_003n, 803n, 200n],
    [0n, 0n, 0n],
    [1n, 1n, 0n],
    [1_000n, 800n, 200n],
  ])('fee %p gives the creator %p and the platform %p', (fee, creatorShare, platformShare) => {
    expect(splitFee(fee)).toEqual({ creatorShare, platformShare });
  });
});

test.each([
  [0n, 5n, 0n],
  [1n, 5n, 1n],
  [5n, 5n, 1n],
  [6n, 5n, 2n],
])('%p / %p rounded up is %p', (a, b, c) => expect(ceilDiv(a, b)).toBe(c));

describe('dollars keep every digit that matters', () => {
  test.each([
    [0n, '$0.00'],
    [1n, '$0.000001'],
    [10_000n, '$0.01'],
    [11_999n, '$0.011999'],
    [4_998_448n, '$4.998448'],
    [1_000_000n, '$1.00'],
    [1_500_000n, '$1.50'],
    [12_345_678n, '$12.345678'],
    [-250_000n, '$-0.25'.replace('$-', '-$')],
  ])('%p credits read %s', (credits, text) => expect(formatUsd(credits)).toBe(text));
});
