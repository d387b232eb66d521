import { liveWallet, TERMS, termsWith } from '#test/support/ledger/given.js';
import { held } from '#test/support/ledger/run-builders.js';
import { added, charged, draw, NOW, opened } from '#test/support/ledger/wallet-builders.js';
import { advance } from './advance.js';
import { balanceOf } from './balance.js';
import type { WalletEvent } from './events.js';

const PLANS = TERMS.plansAt(NOW);
const balance = (events: readonly WalletEvent[], t = NOW, plans = PLANS) =>
  balanceOf(advance(liveWallet(...events), t, plans).wallet, t, plans);

const lots = [
  added('m', 'monthly', 1n),
  added('p', 'promo', 20n),
  added('r', 'refund', 300n),
  added('a', 'purchased', 4_000n),
];

describe('a balance', () => {
  test('the four kinds sum to available + held', () => {
    const hold = held(121n, [draw('m', 'monthly', 1n), draw('p', 'promo', 20n), draw('r', 'refund', 100n)]);
    const {
      available,
      held: reserved,
      monthly,
      promo,
      refund,
      purchased,
    } = balance([opened(), ...lots, hold]);
    expect([monthly, promo, refund, purchased]).toEqual([1n, 20n, 300n, 4_000n]);
    expect([available, reserved]).toEqual([4_200n, 121n]);
    expect(monthly + promo + refund + purchased).toBe(available + reserved);
  });

  test('available is the sum over unexpired lots of remaining - reserved, never below zero', () => {
    const lapsing = added('q', 'promo', 50n, { expiresAt: NOW });
    const hold = held(4_371n, [
      draw('m', 'monthly', 1n),
      draw('p', 'promo', 20n),
      draw('q', 'promo', 50n),
      draw('r', 'refund', 300n),
      draw('a', 'purchased', 4_000n),
    ]);
    expect(balance([opened(), ...lots, lapsing], NOW - 1).available).toBe(4_371n);
    expect(balance([opened(), ...lots, lapsing], NOW).available).toBe(4_321n);
    expect(balance([opened(), ...lots, lapsing, hold])).toMatchObject({ available: 0n, held: 4_371n });
  });

  test('unlimited says what was used, and the fair-use limit if there is one', () => {
    const used = charged([], { allowance: 33_000n });
    const monthly = { kind: 'unlimited', covers: ['inference'], fairUse: 50_000n } as const;
    const fair = termsWith({ plans: { ELITE: { monthly } } }).plansAt(NOW);
    expect(balance([opened('ELITE'), used]).unlimited).toEqual({ used: 33_000n });
    expect(balance([opened('ELITE'), used], NOW, fair).unlimited).toEqual({
      used: 33_000n,
      fairUse: 50_000n,
    });
    expect(balance([opened('PRO')])).not.toHaveProperty('unlimited');
  });
});
