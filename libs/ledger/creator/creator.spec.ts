import fc from 'fast-check';
import { splitFee } from '#libs/kernel/credits.js';
import { CreatorId, UserId } from '#libs/kernel/ids.js';
import { charged, CREATOR, draw, NOW, unlocked, USER } from '#test/support/ledger/wallet-builders.js';
import { holds } from '#test/support/property.js';
import type { LotDraw, LotOrigin, PromptCharged } from '../wallet/events.js';
import { decideCreator, type SettleSources, type SourceToSettle } from './decide.js';
import type { CreatorEvent, Funding } from './events.js';
import { fundingOf } from './funding.js';
import { type Creator, evolveCreator, NO_CREATOR } from './state.js';

const PROPERTY_RUNS = 2_000;
const NONE: Funding = { purchased: 0n, promo: 0n, monthly: 0n, adjustment: 0n, legacy: 0n, allowance: 0n };

const source = (position: bigint, amount: bigint): SourceToSettle => ({
  source: {
    kind: 'prompt',
    position,
    eventId: `event-${position}`,
    userId: USER,
    reference: `run-${position}`,
  },
  amount,
  earnedAt: NOW - 1_000,
  funding: { ...NONE, purchased: amount },
});

const settle = (...sources: readonly SourceToSettle[]): SettleSources => ({
  type: 'SettleSources',
  creatorId: CreatorId.of(CREATOR),
  sources,
});

const paid = ({ source: from, amount, earnedAt, funding }: SourceToSettle, at = NOW): CreatorEvent => ({
  type: 'CreatorPaid',
  creatorId: CREATOR,
  at,
  amount,
  earnedAt,
  funding,
  source: from,
});

const fold = (...events: readonly CreatorEvent[]): Creator =>
  events.reduce<Creator>((creator, event) => evolveCreator(creator, event), NO_CREATOR);

const given = (...history: readonly CreatorEvent[]) => ({
  when: (command: SettleSources, now = NOW) => ({
    then: (...events: readonly CreatorEvent[]) =>
      expect(decideCreator(fold(...history), command, { now, commandId: '' })).toEqual({
        kind: 'accepted',
        events,
      }),
  }),
});

describe('settle', () => {
  const [first, second, third] = [source(3n, 80n), source(7n, 6n), source(9n, 803n)];

  test('pays one CreatorPaid a source, in log order, and accrues', () => {
    given().when(settle(first, second)).then(paid(first), paid(second));
    expect(fold(paid(first), paid(second))).toMatchObject({ accrued: 86n, lastSource: 7n, version: 2 });
  });

  test('skips sources at or below the last one settled', () => {
    given(paid(first), paid(second))
      .when(settle(first, second, third))
      .then(paid(third));
    given(paid(second)).when(settle(first)).then();
    given(paid(first)).when(settle(first)).then();
  });

  test('nothing to settle is nothing to write', () => {
    given().when(settle()).then();
  });

  test('never before the last event of the stream', () => {
    given(paid(first, NOW + 5))
      .when(settle(second))
      .then(paid(second, NOW + 5));
  });

  test('a source folded twice or backwards is a fault', () => {
    expect(() => fold(paid(second), paid(second))).toThrow('source 7 is settled a second time');
    expect(() => fold(paid(second), paid(first))).toThrow('settled a second time');
  });
});

describe('how a share was funded', () => {
  const charge = (fee: bigint, draws: readonly LotDraw[], more: Partial<PromptCharged> = {}): PromptCharged =>
    charged(draws, {
      creatorId: CREATOR,
      markup: 0n,
      creatorFee: fee,
      ...splitFee(fee),
      total: 30_000n + fee,
      ...more,
    });

  test('from one lot: all of it by that origin', () => {
    expect(fundingOf(charge(1_000n, [draw('a', 'purchased', 31_000n)]))).toEqual({
      ...NONE,
      purchased: 800n,
    });
  });

  test('from lots of several origins: by their parts, running floors', () => {
    const draws = [draw('m', 'monthly', 1n), draw('o', 'promo', 1n), draw('p', 'purchased', 1n)];
    expect(fundingOf(unlocked(3n, [3n, 0n], draws))).toEqual({
      ...NONE,
      monthly: 1n,
      promo: 1n,
      purchased: 1n,
    });
    expect(
      fundingOf(unlocked(100n, [80n, 20n], [draw('m', 'monthly', 33n), draw('p', 'purchased', 67n)])),
    ).toEqual({
      ...NONE,
      purchased: 53n,
      monthly: 27n,
    });
  });

  test('an adjustment is an origin of its own', () => {
    const draws = [draw('j', 'promo', 31_000n, 'adjustment')];
    expect(fundingOf(charge(1_000n, draws))).toEqual({ ...NONE, adjustment: 800n });
  });

  test('on an unlimited plan lots pay the fee, so lots fund the share', () => {
    const draws = [draw('o', 'promo', 1_000n)];
    expect(fundingOf(charge(1_000n, draws, { allowance: 30_000n }))).toEqual({ ...NONE, promo: 800n });
  });

  test('a fee that the plan covers is funded by the allowance', () => {
    expect(fundingOf(charge(1_000n, [], { allowance: 31_000n }))).toEqual({ ...NONE, allowance: 800n });
  });

  test('no fee: nothing', () => {
    expect(fundingOf(charged([draw('a', 'purchased', 33_000n)]))).toEqual(NONE);
  });

  test('the parts sum to the share and none is negative', () => {
    const origins: readonly LotOrigin[] = ['purchased', 'promo', 'monthly', 'adjustment', 'legacy'];
    const draws = fc.array(
      fc.record({ origin: fc.constantFrom(...origins), amount: fc.bigInt({ min: 0n, max: 10n ** 17n }) }),
      { maxLength: 6 },
    );
    holds(
      'funding parts sum to the creator share',
      PROPERTY_RUNS,
      fc.property(draws, fc.bigInt({ min: 0n, max: 100_000_000n }), (parts, fee) => {
        const lots = parts.map(({ origin, amount }, i) => draw(`lot-${i}`, 'promo', amount, origin));
        const event = charge(fee, lots, { userId: UserId.of('u-9') });
        const funding = Object.values<bigint>({ ...fundingOf(event) });
        expect(funding.reduce((sum, part) => sum + part, 0n)).toBe(event.creatorShare);
        expect(funding.every((part) => part >= 0n)).toBe(true);
      }),
    );
  });
});
