import {
  APRIL,
  AT,
  bought,
  charged,
  expired,
  granted,
  logged,
  MARCH,
  opened,
  paid,
  registered,
  unlocked,
} from '#test/support/logged-event.js';
import { balances, lotDraws, lots, walletChanges, wallets } from './project.js';

const unchanged = { grantedPeriodMs: undefined, allowancePeriodMs: undefined, allowanceUsed: 0n };

test('opening makes a wallet whose period is granted', () => {
  expect(balances.project(logged(opened))).toEqual([
    wallets.change({
      userId: 'u-1',
      plan: 'PRO',
      planTable: 'standard',
      planTableVersion: 1,
      openedAtMs: AT,
      grantedPeriodMs: MARCH,
      allowancePeriodMs: MARCH,
      allowanceUsed: 0n,
      lastAtMs: AT,
    }),
  ]);
});

test('a purchase makes a lot', () => {
  expect(balances.project(logged(bought))).toEqual([
    lots.change({
      userId: 'u-1',
      lotId: 'lot-1',
      kind: 'purchased',
      origin: 'purchased',
      original: 1_000n,
      remaining: 1_000n,
      addedAtMs: AT,
      expiresAtMs: undefined,
      paymentId: 'pay-1',
      lastAtMs: AT,
    }),
  ]);
});

test('a monthly grant makes a lot and moves the granted period', () => {
  expect(balances.project(logged(granted))).toEqual([
    lots.change({
      userId: 'u-1',
      lotId: 'monthly-2026-03',
      kind: 'monthly',
      origin: 'monthly',
      original: 15_000_000n,
      remaining: 15_000_000n,
      addedAtMs: AT,
      expiresAtMs: APRIL,
      paymentId: undefined,
      lastAtMs: AT,
    }),
    walletChanges.change({ ...unchanged, userId: 'u-1', grantedPeriodMs: MARCH, lastAtMs: AT }),
  ]);
});

test('expiry, charge and unlock draw from lots', () => {
  const draw = (lotId: string, amount: bigint) =>
    lotDraws.change({ userId: 'u-1', lotId, amount, lastAtMs: AT });
  expect(balances.project(logged(expired))).toEqual([draw('monthly-2026-02', 250n)]);
  expect(balances.project(logged(charged))).toEqual([draw('monthly-2026-03', 129n), draw('lot-1', 300n)]);
  expect(balances.project(logged(unlocked))).toEqual([draw('lot-1', 7n)]);
});

test('what an unlimited plan covers is counted in its period; a free run moves only the time', () => {
  const [draw] = charged.draws;
  expect(balances.project(logged({ ...charged, draws: [draw!], allowance: 300n }))).toEqual([
    lotDraws.change({ userId: 'u-1', lotId: 'monthly-2026-03', amount: 129n, lastAtMs: AT }),
    walletChanges.change({
      ...unchanged,
      userId: 'u-1',
      allowancePeriodMs: MARCH,
      allowanceUsed: 300n,
      lastAtMs: AT,
    }),
  ]);
  expect(balances.project(logged({ ...charged, draws: [] }))).toEqual([
    walletChanges.change({ ...unchanged, userId: 'u-1', lastAtMs: AT }),
  ]);
});

test('events of payments and creators change no balance', () => {
  expect(balances.project(logged(paid))).toEqual([]);
  expect(balances.project(logged(registered))).toEqual([]);
});

test('draws of a batch are summed, uses of an allowance within a period only', () => {
  const draw = { userId: 'u-1', lotId: 'lot-1', amount: 3n, lastAtMs: AT };
  expect(lotDraws.combine(draw, { ...draw, amount: 4n, lastAtMs: AT + 1 })).toEqual({
    ...draw,
    amount: 7n,
    lastAtMs: AT + 1,
  });
  const use = { userId: 'u-1', ...unchanged, allowancePeriodMs: MARCH, allowanceUsed: 5n, lastAtMs: AT };
  expect(walletChanges.combine(use, { ...use, allowanceUsed: 6n })).toEqual({ ...use, allowanceUsed: 11n });
  const april = { ...use, allowancePeriodMs: APRIL, allowanceUsed: 2n, lastAtMs: APRIL };
  expect(walletChanges.combine(use, april)).toEqual(april);
  const grant = { userId: 'u-1', ...unchanged, grantedPeriodMs: APRIL, lastAtMs: APRIL };
  expect(walletChanges.combine(use, grant)).toEqual({ ...use, grantedPeriodMs: APRIL, lastAtMs: APRIL });
  expect(walletChanges.combine(grant, april)).toEqual({ ...april, grantedPeriodMs: APRIL });
});
