import {
  DOLLAR,
  foldCreator,
  MATURED_AT,
  paid,
  requested,
  sent,
  settled,
  failed,
  takenBack,
} from '#test/support/ledger/creator-builders.js';
import { NOW, utc } from '#test/support/ledger/wallet-builders.js';
import type { CreatorEvent } from './events.js';
import { earningsAt, NO_CREATOR } from './state.js';
import { DAY_MS, STANDARD_CREATOR_TERMS } from './terms.js';

const at = (t: number, ...history: readonly CreatorEvent[]) =>
  earningsAt(foldCreator(history), t, STANDARD_CREATOR_TERMS);
const now = (...history: readonly CreatorEvent[]) => at(NOW, ...history);

describe('earnings mature after the holding period', () => {
  const earnedAt = utc('2026-11-20T16:00:00.000');
  const share = paid(9n, 800n, earnedAt);

  test('accrued until seven days have passed since the end of their day, payable from then on', () => {
    const due = utc('2026-11-28T00:00:00.000');
    expect(at(due - 1, share)).toEqual({
      earned: 800n,
      accrued: 800n,
      payable: 0n,
      inPayout: 0n,
      paid: 0n,
      nextMaturityAt: due,
    });
    expect(at(due, share)).toEqual({ earned: 800n, accrued: 0n, payable: 800n, inPayout: 0n, paid: 0n });
  });

  test('never before an earning of the last moment of a day has waited its seven days', () => {
    const late = utc('2026-11-20T23:59:59.999');
    expect(at(late + 7 * DAY_MS, paid(1n, 800n, late))).toMatchObject({ payable: 0n });
    expect(at(late + 7 * DAY_MS + 1, paid(1n, 800n, late))).toMatchObject({ payable: 800n });
  });

  test('each day by itself; the next maturity is that of the oldest day that still waits', () => {
    const history = [paid(1n, 5n, earnedAt - 10 * DAY_MS), paid(2n, 7n, earnedAt - DAY_MS), share];
    expect(now(...history)).toMatchObject({
      earned: 812n,
      accrued: 807n,
      payable: 5n,
      nextMaturityAt: utc('2026-11-27T00:00:00.000'),
    });
  });

  test('the day counts on which it was earned, not the one on which it was settled', () => {
    expect(now(paid(1n, 800n, MATURED_AT))).toMatchObject({ accrued: 0n, payable: 800n });
  });

  test('a holding period of nothing still waits for the end of the day', () => {
    const terms = { ...STANDARD_CREATOR_TERMS, holdingPeriodMs: 0 };
    expect(earningsAt(foldCreator([share]), NOW, terms)).toMatchObject({ accrued: 800n });
    expect(earningsAt(foldCreator([share]), NOW + DAY_MS, terms)).toMatchObject({ payable: 800n });
  });

  test('a creator without events has nothing', () => {
    expect(earningsAt(NO_CREATOR, NOW, STANDARD_CREATOR_TERMS)).toEqual({
      earned: 0n,
      accrued: 0n,
      payable: 0n,
      inPayout: 0n,
      paid: 0n,
    });
  });
});

describe('a reversal takes its own bucket, then matured, then goes negative', () => {
  test('its own day first: what has matured is left alone', () => {
    expect(now(paid(1n, 500n, MATURED_AT), paid(2n, 300n), takenBack(3n, 300n))).toMatchObject({
      earned: 500n,
      accrued: 0n,
      payable: 500n,
    });
  });

  test('of a day that has matured: it lowers what is payable', () => {
    expect(now(paid(1n, 500n, MATURED_AT), takenBack(3n, 200n, MATURED_AT))).toMatchObject({ payable: 300n });
  });

  test('more than its day has: the rest comes off what has matured', () => {
    expect(now(paid(1n, 500n, MATURED_AT), paid(2n, 300n), takenBack(3n, 400n))).toMatchObject({
      earned: 400n,
      accrued: 0n,
      payable: 400n,
    });
  });

  test('of what was paid out already: payable is negative and carries forward', () => {
    const history = [
      paid(1n, 10n * DOLLAR, MATURED_AT),
      requested(10n * DOLLAR),
      sent(10n * DOLLAR),
      settled(10n * DOLLAR),
      takenBack(2n, 4n * DOLLAR, MATURED_AT),
    ];
    expect(now(...history)).toEqual({
      earned: 6n * DOLLAR,
      accrued: 0n,
      payable: -4n * DOLLAR,
      inPayout: 0n,
      paid: 10n * DOLLAR,
    });
    expect(now(...history, paid(3n, 5n * DOLLAR, MATURED_AT))).toMatchObject({ payable: DOLLAR });
  });

  test('a day that is empty again is forgotten', () => {
    expect(foldCreator([paid(1n, 5n), takenBack(2n, 5n)])).toMatchObject({ days: { size: 0 } });
  });
});

describe('payouts move earnings on', () => {
  const history = [paid(1n, 12_345_678n, MATURED_AT), requested(12_340_000n)];

  test('requested and sent: in payout; settled: paid', () => {
    expect(now(...history)).toMatchObject({ payable: 5_678n, inPayout: 12_340_000n, paid: 0n });
    expect(now(...history, sent(12_340_000n))).toMatchObject({ payable: 5_678n, inPayout: 12_340_000n });
    expect(now(...history, sent(12_340_000n), settled(12_340_000n))).toEqual({
      earned: 12_345_678n,
      accrued: 0n,
      payable: 5_678n,
      inPayout: 0n,
      paid: 12_340_000n,
    });
  });

  test('failed, from requested, sent or settled: payable again', () => {
    const back = { earned: 12_345_678n, payable: 12_345_678n, inPayout: 0n, paid: 0n };
    expect(now(...history, failed(12_340_000n, 'requested'))).toMatchObject(back);
    expect(now(...history, sent(12_340_000n), failed(12_340_000n, 'sent'))).toMatchObject(back);
    expect(
      now(...history, sent(12_340_000n), settled(12_340_000n), failed(12_340_000n, 'settled')),
    ).toMatchObject(back);
  });
});
