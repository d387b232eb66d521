import { HoldId, PaymentId, RunId } from '#libs/kernel/ids.js';
import { given, liveWallet } from '#test/support/ledger/given.js';
import {
  chargeback,
  DAY_MS,
  held,
  lotRevoked,
  parts,
  refunded,
  reinstate,
  reinstated,
  released,
  revoked,
} from '#test/support/ledger/run-builders.js';
import { added, charged, draw, expired, NOW, opened, USER } from '#test/support/ledger/wallet-builders.js';
import type { WalletEvent } from './events.js';
import { lotOf, spentOf } from './lots.js';

const paid = (amount: bigint, more = {}) =>
  added('a', 'purchased', amount, { paymentId: PaymentId.of('pay-1'), ...more });
const run = charged([draw('a', 'purchased', 33_000n)]);
const unknown = (message: string) =>
  ({ code: 'request.invalid', errors: [{ field: 'reference', message }] }) as const;

describe('a chargeback', () => {
  test('takes what is left; what was spent is uncollected', () => {
    const event = revoked([lotRevoked(draw('a', 'purchased', 17_000n), 33_000n)]);
    given(opened(), paid(50_000n), run).when(chargeback()).then(event);
    const wallet = liveWallet(opened(), paid(50_000n), run, event);
    expect(wallet.lots.active).toEqual([]);
    expect(wallet.uncollected).toBe(33_000n);
  });

  test('what had expired is not taken twice', () => {
    const lapses = NOW - DAY_MS;
    given(
      opened(),
      paid(50_000n, { expiresAt: lapses }),
      { ...run, at: lapses - 1 },
      expired('a', 'purchased', 17_000n, lapses),
    )
      .when(chargeback())
      .then(revoked([lotRevoked(draw('a', 'purchased', 0n), 33_000n, 17_000n)]));
  });

  test('takes unreserved parts, and releases the holds on its lots, the youngest first', () => {
    const first = held(10_000n, [draw('a', 'purchased', 10_000n)]);
    const second = held(5_000n, [draw('a', 'purchased', 5_000n)], { holdId: HoldId.of('hold-2') });
    const other = held(1n, [draw('b', 'purchased', 1n)], { holdId: HoldId.of('hold-3') });
    given(opened(), paid(50_000n), added('b', 'purchased', 9n), first, second, other)
      .when(chargeback())
      .then(
        released('revocation', second.parts, { holdId: second.holdId }),
        released('revocation', first.parts),
        revoked([lotRevoked(draw('a', 'purchased', 50_000n))]),
      );
  });

  test('takes the refund lot that took over a lapsed part of the purchase', () => {
    const lapses = NOW - DAY_MS;
    const back = refunded(33_000n, {
      at: NOW - 1,
      parts: parts({ inference: 30_000n, markup: 3_000n }),
      restored: [{ ...draw('a', 'purchased', 33_000n), into: 'refund_lot', refundLotId: 'r' }],
    });
    given(
      opened(),
      paid(50_000n, { expiresAt: lapses }),
      { ...run, at: lapses - 1 },
      expired('a', 'purchased', 17_000n, lapses),
      back,
    )
      .when(chargeback())
      .then(
        revoked([
          lotRevoked(draw('a', 'purchased', 0n), 0n, 17_000n),
          lotRevoked(draw('r', 'refund', 33_000n)),
        ]),
      );
  });

  test('of what closing has paid back: it is gone as what was spent is', () => {
    const { paymentId: _, ...paidBack } = revoked([lotRevoked(draw('a', 'purchased', 17_000n))], {
      reason: 'closing',
    });
    const closed = { type: 'WalletClosed', userId: USER, at: NOW } as const;
    const history = [opened(), paid(50_000n), run, paidBack, closed];
    const event = revoked([lotRevoked(draw('a', 'purchased', 0n), 50_000n)]);
    given(...history)
      .when(chargeback())
      .then(event);
    expect(liveWallet(...history, event).uncollected).toBe(50_000n);
    given(...history, event)
      .when(reinstate())
      .then(reinstated([lotRevoked(draw('a', 'purchased', 0n), 50_000n)]));
  });

  test('of an unknown or a revoked payment names the field', () => {
    const gone = revoked([lotRevoked(draw('a', 'purchased', 50_000n))]);
    given(opened()).when(chargeback()).thenRefused(unknown('names no purchase of this wallet'));
    given(opened(), paid(50_000n), gone)
      .when(chargeback())
      .thenRefused(unknown('names a purchase that is revoked already'));
  });
});

describe('a dispute won', () => {
  const gone = revoked([lotRevoked(draw('a', 'purchased', 17_000n), 33_000n)]);
  const history: WalletEvent[] = [opened(), paid(50_000n), run, gone];

  test('gives back what was taken, and what was spent is collected after all', () => {
    const back = reinstated([lotRevoked(draw('a', 'purchased', 17_000n), 33_000n)]);
    given(...history)
      .when(reinstate())
      .then(back);
    const wallet = liveWallet(...history, back);
    expect(wallet.uncollected).toBe(0n);
    expect(wallet.lots.active).toEqual(liveWallet(...history.slice(0, 3)).lots.active);
    expect(wallet.lots.used.size).toBe(0);
  });

  test('less later refunds: these go back into the lot', () => {
    const later = refunded(1_000n, {
      parts: parts({ inference: 1_000n }),
      restored: [{ ...draw('a', 'purchased', 1_000n), into: 'revoked' }],
    });
    const back = reinstated([lotRevoked(draw('a', 'purchased', 18_000n), 32_000n)]);
    given(...history, later)
      .when(reinstate())
      .then(back);
    const wallet = liveWallet(...history, later, back);
    expect(wallet.uncollected).toBe(0n);
    expect(spentOf(lotOf(wallet.lots, 'a'))).toBe(32_000n);
  });

  test('of a lot whose time has come meanwhile lapses at once: it is never available', () => {
    const lapses = NOW - 1;
    const bought = paid(50_000n, { expiresAt: lapses });
    const taken = revoked([lotRevoked(draw('a', 'purchased', 50_000n))], { at: lapses - DAY_MS });
    const back = reinstated([lotRevoked(draw('a', 'purchased', 50_000n))]);
    given(opened(), bought, taken)
      .when(reinstate())
      .then(back, expired('a', 'purchased', 50_000n, NOW));
  });

  test('of a payment that was not revoked names the field; after it a second chargeback is possible', () => {
    given(opened(), paid(50_000n))
      .when(reinstate())
      .thenRefused(unknown('names no revoked purchase of this wallet'));
    const back = reinstated([lotRevoked(draw('a', 'purchased', 17_000n), 33_000n)]);
    given(...history, back)
      .when(chargeback())
      .then(gone);
  });
});

describe('a correction', () => {
  const correct = (amount: bigint) =>
    ({ type: 'RevokeCredits', userId: USER, reason: 'correction', amount }) as const;
  const adjusted = added('j', 'promo', 100n, { origin: 'adjustment' });

  test('takes adjustments back, at most what is available of them', () => {
    const taken = lotRevoked(draw('j', 'promo', 100n, 'adjustment'));
    const { paymentId: _, ...event } = revoked([taken], { reason: 'correction' });
    given(opened(), adjusted, added('p', 'promo', 900n))
      .when(correct(100n))
      .then(event);
    given(opened(), adjusted, added('p', 'promo', 900n))
      .when(correct(101n))
      .thenRefused({ code: 'wallet.insufficient_credits', needed: 101n, available: 100n });
  });

  test('never what a hold has reserved', () => {
    given(opened(), adjusted, held(60n, [draw('j', 'promo', 60n, 'adjustment')]))
      .when(correct(41n))
      .thenRefused({ code: 'wallet.insufficient_credits', needed: 41n, available: 40n });
  });
});

test('a run settled after its hold gave way to a chargeback is charged, and uncollected', () => {
  const hold = held(40_000n, [draw('a', 'purchased', 40_000n)]);
  const history = [
    opened(),
    paid(50_000n),
    hold,
    released('revocation', hold.parts),
    revoked([lotRevoked(draw('a', 'purchased', 50_000n))]),
  ];
  given(...history)
    .when({
      type: 'ChargePrompt',
      userId: USER,
      holdId: hold.holdId,
      runId: RunId.of('run-1'),
      model: 'gpt-4',
      tokens: { inputTokens: 1_000, outputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0 },
      creatorFee: 0n,
      byok: false,
      purpose: 'run',
    })
    .then(charged([], { holdId: hold.holdId, uncollected: 33_000n }));
});
