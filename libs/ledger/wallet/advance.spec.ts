import { given, liveWallet, TERMS } from '#test/support/ledger/given.js';
import {
  added,
  charged,
  draw,
  expired,
  give,
  granted,
  NOVEMBER_END,
  NOW,
  opened,
  OPENED_AT,
  utc,
} from '#test/support/ledger/wallet-builders.js';
import { advance } from './advance.js';
import { balanceOf } from './balance.js';
import type { WalletEvent } from './events.js';

const DECEMBER_END = utc('2027-01-01T00:00:00.000');
const PLANS = TERMS.plansAt(NOW);
const history: readonly WalletEvent[] = [opened('FREE'), granted(100_000n, OPENED_AT, NOVEMBER_END)];
const due = (events: readonly WalletEvent[], t: number) => advance(liveWallet(...events), t, PLANS);

describe('lapsed lots', () => {
  test('expire at their expiry, not a millisecond before', () => {
    const lot = added('a', 'promo', 5n, { expiresAt: NOW });
    expect(due([...history, lot], NOW - 1).events).toEqual([]);
    expect(due([...history, lot], NOW).events).toEqual([expired('a', 'promo', 5n, NOW)]);
  });

  test('expire with what remains, each by itself, in burn order; a lot used up does not', () => {
    const lots = [
      added('a', 'promo', 5n, { expiresAt: NOW }),
      added('b', 'promo', 7n, { expiresAt: NOW, origin: 'adjustment' }),
      added('c', 'purchased', 9n, { expiresAt: NOW - 5 }),
      added('d', 'purchased', 9n),
    ];
    const used = charged([draw('a', 'promo', 5n), draw('b', 'promo', 2n, 'adjustment')], { at: NOW - 10 });
    expect(due([...history, ...lots, used], NOW).events).toEqual([
      expired('b', 'promo', 5n, NOW, 'adjustment'),
      expired('c', 'purchased', 9n, NOW),
    ]);
  });
});

describe('the monthly roll', () => {
  test('at the first millisecond of the month: the old lot expires, the new one is granted', () => {
    expect(due(history, NOVEMBER_END - 1).events).toEqual([]);
    expect(due(history, NOVEMBER_END).events).toEqual([
      expired('monthly-2026-11', 'monthly', 100_000n, NOVEMBER_END),
      granted(100_000n, NOVEMBER_END, DECEMBER_END),
    ]);
  });

  test('a monthly lot used up is granted anew all the same', () => {
    const used = charged([draw('monthly-2026-11', 'monthly', 100_000n)]);
    expect(due([...history, used], NOVEMBER_END).events).toEqual([
      granted(100_000n, NOVEMBER_END, DECEMBER_END),
    ]);
  });

  test('happens once: nothing more is due in the same month', () => {
    const { wallet } = due(history, NOVEMBER_END);
    for (const t of [NOVEMBER_END, NOVEMBER_END + 1, DECEMBER_END - 1])
      expect(advance(wallet, t, PLANS).events).toEqual([]);
    expect(advance(wallet, DECEMBER_END, PLANS).events).toHaveLength(2);
  });

  test('goes straight to the current month: skipped months grant nothing', () => {
    const march = utc('2027-03-17T10:00:00.000');
    expect(due(history, march).events).toEqual([
      expired('monthly-2026-11', 'monthly', 100_000n, march),
      granted(100_000n, march, utc('2027-04-01T00:00:00.000')),
    ]);
  });

  test('nothing is carried over: the balance is one grant', () => {
    const { wallet } = due(history, utc('2028-02-29T23:59:59.999'));
    expect(balanceOf(wallet, wallet.lastAt, PLANS)).toMatchObject({
      available: 100_000n,
      monthly: 100_000n,
    });
  });

  test('an unlimited plan grants nothing, expires what lapsed, and its allowance begins anew', () => {
    const used = charged([], { allowance: 33_000n });
    const elite = [opened('ELITE'), added('a', 'promo', 5n, { expiresAt: NOVEMBER_END }), used];
    const { wallet, events } = due(elite, NOVEMBER_END);
    expect(events).toEqual([expired('a', 'promo', 5n, NOVEMBER_END)]);
    expect(balanceOf(liveWallet(...elite), NOW, PLANS).unlimited).toEqual({ used: 33_000n });
    expect(balanceOf(wallet, NOVEMBER_END, PLANS)).toEqual({
      available: 0n,
      held: 0n,
      monthly: 0n,
      promo: 0n,
      refund: 0n,
      purchased: 0n,
      unlimited: { used: 0n },
    });
  });
});

describe('time never runs backwards', () => {
  const rolled = [
    ...history,
    expired('monthly-2026-11', 'monthly', 100_000n, NOVEMBER_END),
    granted(100_000n, NOVEMBER_END, DECEMBER_END),
  ];

  test('an earlier time makes nothing due', () => {
    expect(due(rolled, NOW).events).toEqual([]);
  });

  test('a command with a clock behind the stream is decided at the time of its last event', () => {
    given(...rolled)
      .when(give(5n), { at: NOW })
      .then(added('lot-0123456789abcdef', 'promo', 5n, { at: NOVEMBER_END, reason: 'welcome' }));
  });

  test('a clock back in the old month does not grant the old month again', () => {
    given(...rolled)
      .when(give(5n, { expiresAt: NOVEMBER_END }), { at: NOW })
      .thenRefused({
        code: 'request.invalid',
        errors: [{ field: 'expiresAt', message: 'must lie in the future' }],
      });
  });
});
