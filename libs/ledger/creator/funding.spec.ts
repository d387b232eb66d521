import fc from 'fast-check';
import { splitFee } from '#libs/kernel/credits.js';
import { UserId } from '#libs/kernel/ids.js';
import { NO_FUNDING } from '#test/support/ledger/creator-builders.js';
import { charged, CREATOR, draw, unlocked } from '#test/support/ledger/wallet-builders.js';
import { holds } from '#test/support/property.js';
import type { LotDraw, PromptCharged } from '../wallet/events.js';
import { LOT_ORIGINS } from '../wallet/vocabulary.js';
import { fundingOf } from './funding.js';

const PROPERTY_RUNS = 2_000;

describe('how a share was funded', () => {
  const charge = (fee: bigint, draws: readonly LotDraw[], more: Partial<PromptCharged> = {}): PromptCharged =>
    charged(draws, {
      creatorId: CREATOR,
      markup: 0n,
      creatorFee: fee,
      ...splitFee(fee),
      total: 30_000n + fee,
      uncollected: 0n,
      ...more,
    });

  test('from one lot: all of it by that origin', () => {
    expect(fundingOf(charge(1_000n, [draw('a', 'purchased', 31_000n)]))).toEqual({
      ...NO_FUNDING,
      purchased: 800n,
    });
  });

  test('from lots of several origins: by their parts, running floors', () => {
    const draws = [draw('m', 'monthly', 1n), draw('o', 'promo', 1n), draw('p', 'purchased', 1n)];
    expect(fundingOf(unlocked(3n, [3n, 0n], draws))).toEqual({
      ...NO_FUNDING,
      monthly: 1n,
      promo: 1n,
      purchased: 1n,
    });
    expect(
      fundingOf(unlocked(100n, [80n, 20n], [draw('m', 'monthly', 33n), draw('p', 'purchased', 67n)])),
    ).toEqual({
      ...NO_FUNDING,
      purchased: 53n,
      monthly: 27n,
    });
  });

  test('an adjustment is an origin of its own', () => {
    const draws = [draw('j', 'promo', 31_000n, 'adjustment')];
    expect(fundingOf(charge(1_000n, draws))).toEqual({ ...NO_FUNDING, adjustment: 800n });
  });

  test('on an unlimited plan lots pay the fee, so lots fund the share', () => {
    const draws = [draw('o', 'promo', 1_000n)];
    expect(fundingOf(charge(1_000n, draws, { allowance: 30_000n }))).toEqual({ ...NO_FUNDING, promo: 800n });
  });

  test('a fee that the plan covers is funded by the allowance', () => {
    expect(fundingOf(charge(1_000n, [], { allowance: 31_000n }))).toEqual({ ...NO_FUNDING, allowance: 800n });
  });

  test('what nobody paid of the fee is uncollected, before an allowance counts', () => {
    const short = { allowance: 30_000n, uncollected: 1_000n };
    expect(fundingOf(charge(1_000n, [], short))).toEqual({ ...NO_FUNDING, uncollected: 800n });
    const half = { allowance: 30_000n, uncollected: 500n };
    expect(fundingOf(charge(1_000n, [draw('o', 'promo', 500n)], half))).toEqual({
      ...NO_FUNDING,
      promo: 400n,
      uncollected: 400n,
    });
  });

  test('a shortfall of the rest of the charge leaves the share with the lots that paid', () => {
    const draws = [draw('p', 'purchased', 1_000n)];
    expect(fundingOf(charge(1_000n, draws, { uncollected: 30_000n }))).toEqual({
      ...NO_FUNDING,
      purchased: 800n,
    });
  });

  test('no fee, such as for a creator’s own prompt: nothing', () => {
    expect(fundingOf(charge(0n, [draw('a', 'purchased', 33_000n)]))).toEqual(NO_FUNDING);
  });

  test('the parts sum to the share and none is negative', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 17n });
    const draws = fc.array(fc.record({ origin: fc.constantFrom(...LOT_ORIGINS), amount }), { maxLength: 6 });
    const fees = fc.bigInt({ min: 0n, max: 100_000_000n });
    holds(
      'funding parts sum to the creator share',
      PROPERTY_RUNS,
      fc.property(draws, fees, fees, (parts, fee, uncollected) => {
        const lots = parts.map((part, i) => draw(`lot-${i}`, 'promo', part.amount, part.origin));
        const funding = fundingOf(charge(fee, lots, { userId: UserId.of('u-9'), uncollected }));
        const all = Object.values<bigint>({ ...funding });
        expect(all.reduce((sum, part) => sum + part, 0n)).toBe(splitFee(fee).creatorShare);
        expect(all.every((part) => part >= 0n)).toBe(true);
        expect(funding.uncollected <= uncollected).toBe(true);
      }),
    );
  });
});
