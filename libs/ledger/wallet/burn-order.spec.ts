import { foldWallet, given, liveWallet } from '#test/support/ledger/given.js';
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
import { changeLots, draw as drawFrom, drawFree } from './lots.js';

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
      const inOrder = liveWallet(...history).lots.active;
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
      liveWallet(...history, first).lots.active.map(({ id, remaining, original }) => [
        id,
        remaining,
        original,
      ]),
    ).toEqual([
      ['a', 6n, 10n],
      ['b', 10n, 10n],
    ]);
  });

  test('a lot used up is kept for refunds, out of the burn order', () => {
    const used = unlocked(10n, [8n, 2n], [draw('a', 'promo', 10n)]);
    const { lots } = liveWallet(opened(), added('a', 'promo', 10n), added('b', 'promo', 1n), used);
    expect(lots.active.map(({ id }) => id)).toEqual(['b']);
    expect(lots.used.get('a')).toMatchObject({ original: 10n, remaining: 0n });
  });

  test('no more is drawn than there is, and a draw that a lot does not hold is a fault', () => {
    const { lots } = liveWallet(opened(), added('a', 'promo', 10n));
    expect(drawFree(lots, 11n, NOW)).toEqual([draw('a', 'promo', 10n)]);
    expect(() => changeLots(lots, [draw('a', 'promo', 11n)], drawFrom)).toThrow(
      'Lot a: 11 credits are more than it holds',
    );
    expect(() => changeLots(lots, [draw('z', 'promo', 1n)], drawFrom)).toThrow('Unknown lot z');
    expect(() => foldWallet([opened(), added('a', 'promo', 1n), added('a', 'promo', 1n)])).toThrow(
      'Lot a is added a second time',
    );
    expect(() => foldWallet([opened(), opened()])).toThrow('opened a second time');
    expect(() => foldWallet([charged([])])).toThrow("A wallet's first event is WalletOpened");
  });
});
