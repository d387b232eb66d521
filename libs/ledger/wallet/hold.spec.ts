import { RunId } from '#libs/kernel/ids.js';
import { given, liveWallet, TERMS, termsWith } from '#test/support/ledger/given.js';
import {
  authorise,
  DAY_MS,
  held,
  HOLD,
  MINUTE_MS,
  release,
  released,
} from '#test/support/ledger/run-builders.js';
import {
  added,
  charge,
  charged,
  CREATOR,
  draw,
  expired,
  granted,
  NOVEMBER_END,
  NOW,
  opened,
  OPENED_AT,
  tokens,
  USER,
} from '#test/support/ledger/wallet-builders.js';
import { advance } from './advance.js';
import { balanceOf } from './balance.js';
import { LATE_SETTLE_MS_MAX } from './evolve.js';
import type { WalletEvent } from './events.js';

const PLANS = TERMS.plansAt(NOW);
const balance = (...events: readonly WalletEvent[]) => {
  const wallet = liveWallet(...events);
  return balanceOf(wallet, wallet.lastAt, PLANS);
};
const bought = (amount: bigint): WalletEvent[] => [opened(), added('a', 'purchased', amount)];

describe('a hold', () => {
  test('reserves named parts of lots in burn order', () => {
    const history = [...bought(50_000n), added('p', 'promo', 10_000n)];
    const hold = held(40_000n, [draw('p', 'promo', 10_000n), draw('a', 'purchased', 30_000n)]);
    given(...history)
      .when(authorise(40_000n))
      .then(hold);
    expect(balance(...history, hold)).toEqual({
      available: 20_000n,
      held: 40_000n,
      monthly: 0n,
      promo: 10_000n,
      refund: 0n,
      purchased: 50_000n,
    });
  });

  test('of estimated tokens is priced as a run: 1,000 tokens of gpt-4 and markup', () => {
    given(...bought(50_000n))
      .when(authorise(0n, { estimate: { tokens: tokens(1_000) } }))
      .then(held(33_000n, [draw('a', 'purchased', 33_000n)]));
  });

  test('takes nothing that another hold has reserved', () => {
    given(...bought(50_000n), held(40_000n, [draw('a', 'purchased', 40_000n)]))
      .when(authorise(10_001n, { holdId: 'hold-2' as typeof HOLD }))
      .thenRefused({ code: 'wallet.insufficient_credits', needed: 10_001n, available: 10_000n });
  });

  test('under an allowance reserves lots for the creator fee alone, the rest against the allowance', () => {
    given(opened('ELITE'), added('a', 'purchased', 1_000n))
      .when(authorise(34_000n, { creatorId: CREATOR, creatorFee: 1_000n }))
      .then(
        held(34_000n, [draw('a', 'purchased', 1_000n)], {
          creatorId: CREATOR,
          creatorFee: 1_000n,
          allowance: 33_000n,
        }),
      );
  });

  test('beyond the fair-use limit, which other holds reserve too, lots pay', () => {
    const monthly = {
      kind: 'unlimited',
      covers: ['inference', 'markup', 'byokFee'],
      fairUse: 50_000n,
    } as const;
    const other = held(30_000n, [], { allowance: 30_000n, holdId: 'hold-0' as typeof HOLD });
    given(opened('ELITE'), added('a', 'purchased', 90_000n), other)
      .when(authorise(33_000n), { terms: termsWith({ plans: { ELITE: { monthly } } }) })
      .then(held(33_000n, [draw('a', 'purchased', 13_000n)], { allowance: 20_000n }));
  });

  test("a creator's own prompt is held without a fee", () => {
    given(...bought(50_000n))
      .when(authorise(33_000n, { creatorId: USER, creatorFee: 20_000n }))
      .then(held(33_000n, [draw('a', 'purchased', 33_000n)], { creatorId: USER }));
  });

  test('an estimate below its creator fee is refused by field', () => {
    given(...bought(50_000n))
      .when(authorise(999n, { creatorId: CREATOR, creatorFee: 1_000n }))
      .thenRefused({
        code: 'request.invalid',
        errors: [{ field: 'amount', message: 'must be at least the creator fee of 1000' }],
      });
  });

  test('released by its caller: everything is free again', () => {
    const hold = held(40_000n, [draw('a', 'purchased', 40_000n)]);
    given(...bought(50_000n), hold)
      .when(release())
      .then(released('caller', hold.parts));
    expect(balance(...bought(50_000n), hold, released('caller', hold.parts))).toMatchObject({
      available: 50_000n,
      held: 0n,
    });
  });

  test('times out by itself at its expiry, not a millisecond before', () => {
    const hold = held(40_000n, [draw('a', 'purchased', 40_000n)]);
    const wallet = liveWallet(...bought(50_000n), hold);
    expect(advance(wallet, hold.expiresAt - 1, PLANS).events).toEqual([]);
    expect(advance(wallet, hold.expiresAt, PLANS).events).toEqual([
      released('timeout', hold.parts, { at: hold.expiresAt }),
    ]);
  });
});

describe('expiry under an open hold', () => {
  const lapses = NOW + 5 * MINUTE_MS;
  const lot = added('p', 'promo', 40_000n, { expiresAt: lapses });
  const hold = held(30_000n, [draw('p', 'promo', 30_000n)]);
  const history = [opened(), lot, hold];

  test('takes only what is not reserved; the reserved part stays held', () => {
    const { events, wallet } = advance(liveWallet(...history), lapses, PLANS);
    expect(events).toEqual([expired('p', 'promo', 10_000n, lapses)]);
    expect(balanceOf(wallet, lapses, PLANS)).toMatchObject({ available: 0n, held: 30_000n, promo: 30_000n });
    expect(advance(wallet, lapses + 1, PLANS).events).toEqual([]);
  });

  test('on release the lapsed part expires in the same append', () => {
    given(...history, expired('p', 'promo', 10_000n, lapses))
      .when(release(), { at: lapses + 1 })
      .then(released('caller', hold.parts, { at: lapses + 1 }), expired('p', 'promo', 30_000n, lapses + 1));
  });

  test('on time-out it expires in the same append', () => {
    const t = hold.expiresAt;
    expect(advance(liveWallet(...history), t, PLANS).events).toEqual([
      released('timeout', hold.parts, { at: t }),
      expired('p', 'promo', 40_000n, t),
    ]);
  });

  test('a settle draws the reserved part though its lot has lapsed; what it leaves expires with it', () => {
    given(...history, expired('p', 'promo', 10_000n, lapses))
      .when(charge({ holdId: HOLD, tokens: tokens(500) }), { at: lapses + 1 })
      .then(
        charged([draw('p', 'promo', 16_500n)], {
          at: lapses + 1,
          holdId: HOLD,
          ...tokens(500),
          inference: 15_000n,
          markup: 1_500n,
          total: 16_500n,
        }),
        expired('p', 'promo', 13_500n, lapses + 1),
      );
  });

  test("a month's end: the monthly lot lapses but for its reserved part, and the new month is granted", () => {
    const monthly = [opened('FREE'), granted(100_000n, OPENED_AT, NOVEMBER_END)];
    const late = held(30_000n, [draw('monthly-2026-11', 'monthly', 30_000n)], { at: NOVEMBER_END - 1 });
    const { events, wallet } = advance(liveWallet(...monthly, late), NOVEMBER_END, PLANS);
    expect(events).toEqual([
      expired('monthly-2026-11', 'monthly', 70_000n, NOVEMBER_END),
      granted(100_000n, NOVEMBER_END, Date.UTC(2027, 0, 1)),
    ]);
    expect(balanceOf(wallet, NOVEMBER_END, PLANS)).toMatchObject({
      available: 100_000n,
      held: 30_000n,
      monthly: 130_000n,
    });
  });
});

describe('settling a hold', () => {
  const settle = charge({ holdId: HOLD });
  const hold = held(40_000n, [draw('a', 'purchased', 40_000n)]);
  const settled = (amount: bigint, more = {}) =>
    charged([draw('a', 'purchased', amount)], { holdId: HOLD, ...more });

  test('charges what the run took and frees the rest', () => {
    given(...bought(50_000n), hold)
      .when(settle)
      .then(settled(33_000n));
    expect(balance(...bought(50_000n), hold, settled(33_000n))).toMatchObject({
      available: 17_000n,
      held: 0n,
    });
  });

  test('its own parts first, though a lot that burns earlier has come since', () => {
    given(...bought(50_000n), hold, added('p', 'promo', 10_000n))
      .when(settle)
      .then(settled(33_000n));
  });

  test('beyond its own parts it draws burn order, one draw a lot', () => {
    const small = held(10_000n, [draw('a', 'purchased', 10_000n)]);
    given(...bought(50_000n), small, added('p', 'promo', 3_000n))
      .when(settle)
      .then(charged([draw('a', 'purchased', 30_000n), draw('p', 'promo', 3_000n)], { holdId: HOLD }));
  });

  test('what nothing is left for is recorded as uncollected', () => {
    const small = held(10_000n, [draw('a', 'purchased', 10_000n)]);
    given(...bought(10_000n), small)
      .when(settle)
      .then(settled(10_000n, { uncollected: 23_000n }));
    expect(
      liveWallet(...bought(10_000n), small, settled(10_000n, { uncollected: 23_000n })).uncollected,
    ).toBe(23_000n);
  });

  test('never touches what another hold has reserved', () => {
    const other = held(30_000n, [draw('a', 'purchased', 30_000n)], { holdId: 'hold-2' as typeof HOLD });
    const small = held(10_000n, [draw('a', 'purchased', 10_000n)]);
    given(...bought(40_000n), small, other)
      .when(settle)
      .then(settled(10_000n, { uncollected: 23_000n }));
  });

  test('on a frozen wallet', () => {
    const frozen = { type: 'WalletFrozen', userId: USER, at: NOW, reason: 'fraud' } as const;
    given(...bought(50_000n), hold, frozen)
      .when(settle)
      .then(settled(33_000n));
  });

  test('on a plan that no longer includes the model', () => {
    const fallen = {
      type: 'PlanChanged',
      userId: USER,
      at: NOW,
      from: 'PRO',
      to: 'FREE',
      cause: 'unpaid',
      coverage: 'free',
      planTable: 'standard',
      planTableVersion: 1,
    } as const;
    given(...bought(50_000n), hold, fallen)
      .when(settle)
      .then(settled(33_000n));
  });

  test('what the allowance was reserved for it covers, though the plan has fallen to FREE since', () => {
    const promised = held(33_000n, [], { allowance: 33_000n });
    const fallen = {
      type: 'PlanChanged',
      userId: USER,
      at: NOW,
      from: 'ELITE',
      to: 'FREE',
      cause: 'unpaid',
      coverage: 'free',
      planTable: 'standard',
      planTableVersion: 1,
    } as const;
    given(opened('ELITE'), promised, fallen)
      .when(settle)
      .then(charged([], { holdId: HOLD, allowance: 33_000n }));
  });

  describe('after it timed out', () => {
    const late = hold.expiresAt + 1;
    const timedOut = released('timeout', hold.parts, { at: hold.expiresAt });

    test('draws what is available', () => {
      given(...bought(50_000n), hold)
        .when(settle, { at: late })
        .then({ ...timedOut, at: late }, settled(33_000n, { at: late }));
      given(...bought(50_000n), hold, timedOut)
        .when(settle, { at: late })
        .then(settled(33_000n, { at: late }));
    });

    test('and the rest is uncollected: the run was done', () => {
      const spent = charged([draw('a', 'purchased', 50_000n)], { runId: RunId.of('run-0'), at: late });
      given(...bought(50_000n), hold, timedOut, spent)
        .when(settle, { at: late })
        .then(charged([], { holdId: HOLD, at: late, uncollected: 33_000n }));
    });

    test('up to 7 days, not a millisecond more', () => {
      const last = hold.expiresAt + LATE_SETTLE_MS_MAX;
      expect(LATE_SETTLE_MS_MAX).toBe(7 * DAY_MS);
      expect(given(...bought(50_000n), hold).when(settle, { at: last }).decision.kind).toBe('accepted');
      given(...bought(50_000n), hold)
        .when(settle, { at: last + 1 })
        .thenRefused({ code: 'hold.expired' });
    });

    test('hold.expired also when it is long forgotten', () => {
      const other = held(1n, [draw('a', 'purchased', 1n)], {
        holdId: 'hold-2' as typeof HOLD,
        at: hold.expiresAt + 8 * DAY_MS,
      });
      const end = released('timeout', other.parts, { holdId: other.holdId, at: other.expiresAt });
      const history = [...bought(50_000n), hold, timedOut, other, end];
      expect(liveWallet(...history).lapsedHolds.size).toBe(1);
      given(...history)
        .when(settle, { at: other.expiresAt })
        .thenRefused({ code: 'hold.expired' });
    });

    test('hold.expired also when it times out, with another hold, in the very command that settles it', () => {
      const other = held(1n, [draw('a', 'purchased', 1n)], { holdId: 'hold-2' as typeof HOLD });
      given(...bought(50_000n), hold, other)
        .when(settle, { at: hold.expiresAt + 8 * DAY_MS })
        .thenRefused({ code: 'hold.expired' });
    });
  });

  test.each([
    ['runId', { runId: RunId.of('run-9') }, 'run-1'],
    ['model', { model: 'deepseek' }, 'gpt-4'],
    ['purpose', { purpose: 'test' }, 'run'],
    ['byok', { byok: true }, 'false'],
    ['creatorId', { creatorId: CREATOR }, 'absent'],
  ] as const)('of another %s than authorised is refused by field', (field, other, expected) => {
    const message = `must be ${expected}, as in hold hold-1`;
    given(...bought(50_000n), hold)
      .when(charge({ holdId: HOLD, ...other }))
      .thenRefused({ code: 'request.invalid', errors: [{ field, message }] });
  });

  test('for a higher creator fee than held is refused; for a lower one it is charged', () => {
    const withFee = held(40_000n, [draw('a', 'purchased', 40_000n)], {
      creatorId: CREATOR,
      creatorFee: 1_003n,
    });
    given(...bought(50_000n), withFee)
      .when(charge({ holdId: HOLD, creatorId: CREATOR, creatorFee: 1_004n }))
      .thenRefused({
        code: 'request.invalid',
        errors: [{ field: 'creatorFee', message: 'must be at most the 1003 of hold hold-1' }],
      });
    const { decision } = given(...bought(50_000n), withFee).when(
      charge({ holdId: HOLD, creatorId: CREATOR, creatorFee: 7n }),
    );
    expect(decision).toMatchObject({ kind: 'accepted', events: [{ creatorShare: 6n, platformShare: 1n }] });
  });
});

describe('test runs are counted when they are held', () => {
  const test99 = charged([], { purpose: 'test', total: 0n, inference: 0n, markup: 0n });
  const tests = (count: number): WalletEvent[] =>
    Array.from({ length: count }, (_, i) => ({ ...test99, runId: RunId.of(`t-${i}`) }));
  const testRun = charge({ purpose: 'test', model: 'deepseek', tokens: tokens(0) });
  const hold = held(0n, [], { purpose: 'test', model: 'deepseek' });

  test('100 a month on FREE: the 101st is refused, held or charged', () => {
    expect(given(opened('FREE'), ...tests(99)).when(testRun).decision.kind).toBe('accepted');
    given(opened('FREE'), ...tests(100))
      .when(testRun)
      .thenRefused({ code: 'plan.test_runs_exhausted' });
    given(opened('FREE'), ...tests(99), hold)
      .when({ ...testRun, runId: RunId.of('run-2') })
      .thenRefused({ code: 'plan.test_runs_exhausted' });
  });

  test('a settle does not count it again, even with the last one used', () => {
    const used = (...events: WalletEvent[]) =>
      liveWallet(opened('FREE'), ...tests(99), ...events).testRuns.used;
    expect(used(hold)).toBe(100);
    expect(used(hold, { ...test99, holdId: HOLD, runId: RunId.of('run-1') })).toBe(100);
    expect(given(opened('FREE'), ...tests(99), hold).when({ ...testRun, holdId: HOLD }).decision.kind).toBe(
      'accepted',
    );
  });

  test('a released one is given back in its month', () => {
    expect(liveWallet(opened('FREE'), hold, released('caller', [])).testRuns.used).toBe(0);
    const december = { ...test99, at: NOVEMBER_END + 1 };
    const later = released('timeout', [], { at: NOVEMBER_END + 2 });
    expect(
      liveWallet(opened('FREE'), { ...hold, expiresAt: NOVEMBER_END + 2 }, december, later).testRuns.used,
    ).toBe(1);
  });
});
