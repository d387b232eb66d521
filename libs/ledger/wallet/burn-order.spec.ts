import { foldWallet, given, openWallet } from '#test/support/ledger/given.js';
import {
  added,
  charged,
  draw,
  NOW,
  opened,
  OPENED_AT,
  unlock,
  unlocked,
} from '#test/support/ledger/wallet-builders.js';
import type { WalletEvent } from './events.js';
import { applyDraws, drawLots } from './lots.js';

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}

describe('burn order', () => {
  const at = OPENED_AT;
  const soon = { expiresAt: NOW + 1_000 };
  const later = { expiresAt: NOW + 2_000 };
  test.each<[string, readonly WalletEvent[], readonly string[]]>([
    [
      'monthly, then promo, then purchased',
      [added('p', 'purchased', 1n), added('o', 'promo', 1n), added('m', 'monthly', 1n)],
      ['m', 'o', 'p'],
    ],
    [
      'monthly first though promo and purchased lapse sooner',
      [added('p', 'purchased', 1n, soon), added('o', 'promo', 1n, soon), added('m', 'monthly', 1n, later)],
      ['m', 'o', 'p'],
    ],
    [
      'earliest expiry first, none last',
      [added('none', 'promo', 1n), added('later', 'promo', 1n, later), added('soon', 'promo', 1n, soon)],
      ['soon', 'later', 'none'],
    ],
    [
      'refund and purchased are one group: expiry decides',
      [added('p', 'purchased', 1n), added('r', 'refund', 1n, soon), added('q', 'purchased', 1n, later)],
      ['r', 'q', 'p'],
    ],
    [
      'refund and purchased are one group: age decides, whichever is which',
      [
        added('r', 'refund', 1n, { at: at + 1 }),
        added('p', 'purchased', 1n, { at: at + 2 }),
        added('s', 'refund', 1n, { at: at + 3 }),
      ],
      ['r', 'p', 's'],
    ],
    [
      'the same expiry: oldest first',
      [added('a', 'promo', 1n, { ...soon, at: at + 1 }), added('b', 'promo', 1n, { ...soon, at: at + 2 })],
      ['a', 'b'],
    ],
    [
      'the same age: by id, bytewise (upper case before lower)',
      [added('b', 'promo', 1n), added('a', 'promo', 1n), added('B', 'promo', 1n), added('10', 'promo', 1n)],
      ['10', 'B', 'a', 'b'],
    ],
    [
      'an adjustment burns as promo',
      [added('o', 'promo', 1n, { at: at + 1 }), added('j', 'promo', 1n, { origin: 'adjustment', at })],
      ['j', 'o'],
    ],
  ])('%s, in whatever order they came', (_rule, lots, order) => {
    for (const arrived of permutations(lots)) {
      const history = [opened('FREE', at), ...arrived];
      const inOrder = openWallet(...history).lots;
      expect(inOrder.map(({ id }) => id)).toEqual(order);
      const price = BigInt(order.length);
      given(...history)
        .when(unlock(price))
        .then(
          unlocked(
            price,
            [price, 0n],
            inOrder.map(({ id, kind, origin }) => draw(id, kind, 1n, origin)),
          ),
        );
    }
  });

  test('a lot drawn in part keeps its place and its rest', () => {
    const history = [opened(), added('a', 'promo', 10n), added('b', 'promo', 10n)];
    const first = unlocked(4n, [4n, 0n], [draw('a', 'promo', 4n)]);
    expect(
      openWallet(...history, first).lots.map(({ id, remaining, original }) => [id, remaining, original]),
    ).toEqual([
      ['a', 6n, 10n],
      ['b', 10n, 10n],
    ]);
  });

  test('lots that do not hold the amount, or are unknown, are a fault, never a negative balance', () => {
    const { lots } = openWallet(opened(), added('a', 'promo', 10n));
    expect(() => drawLots(lots, 11n)).toThrow('1 of 11 credits are not in the lots');
    expect(() => applyDraws(lots, [draw('a', 'promo', 11n)])).toThrow('Lot a holds 10 credits, not 11');
    expect(() => applyDraws(lots, [draw('z', 'promo', 1n)])).toThrow('Unknown lot z');
    expect(() => foldWallet([opened(), opened()])).toThrow('opened a second time');
    expect(() => foldWallet([charged([])])).toThrow("A wallet's first event is WalletOpened");
  });
});
