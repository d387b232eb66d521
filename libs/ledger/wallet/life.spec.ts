import { FlowId } from '#libs/kernel/ids.js';
import { given, liveWallet } from '#test/support/ledger/given.js';
import {
  authorise,
  held,
  HOLD,
  lotRevoked,
  refund,
  reinstated,
  release,
  released,
  revoked,
} from '#test/support/ledger/run-builders.js';
import {
  added,
  buy,
  charge,
  charged,
  draw,
  expired,
  granted,
  NOVEMBER_END,
  NOW,
  open,
  opened,
  OPENED_AT,
  unlock,
  unlocked,
  USER,
  utc,
} from '#test/support/ledger/wallet-builders.js';
import { eventsAhead } from './decide.js';
import { pastOf, TERMS } from '#test/support/ledger/given.js';
import type { WalletEvent } from './events.js';
import { lotsOfPayment, sumFree } from './lots.js';

const at = NOW;
const frozen = { type: 'WalletFrozen', userId: USER, at, reason: 'dispute' } as const;
const unfrozen = { type: 'WalletUnfrozen', userId: USER, at } as const;
const closed = { type: 'WalletClosed', userId: USER, at } as const;
const funded: WalletEvent[] = [opened(), added('a', 'purchased', 50_000n)];

describe('a frozen wallet', () => {
  const freeze = { type: 'FreezeWallet', userId: USER, reason: 'dispute' } as const;
  const unfreeze = { type: 'UnfreezeWallet', userId: USER } as const;

  test('says why, with an optional reference, and can be unfrozen', () => {
    given(...funded)
      .when({ ...freeze, reference: 'case-7' })
      .then({ ...frozen, reference: 'case-7' });
    given(...funded, frozen)
      .when(unfreeze)
      .then(unfrozen);
    expect(liveWallet(...funded, frozen).frozenFor).toBe('dispute');
    expect(liveWallet(...funded, frozen, unfrozen)).not.toHaveProperty('frozenFor');
  });

  test.each([
    ['holds', authorise(1n)],
    ['direct charges', charge()],
    ['unlocks', unlock(1n)],
  ])('refuses %s', (_what, command) => {
    given(...funded, frozen)
      .when(command)
      .thenRefused({ code: 'wallet.frozen' });
  });

  test.each([
    ['settling', charge({ holdId: HOLD })],
    ['release', release()],
    ['refunds', refund(1n, { runId: 'run-0' as never })],
    ['revocation', { type: 'RevokeCredits', userId: USER, reason: 'correction', amount: 1n }],
    ['credits', buy(5n)],
    ['rolls', { type: 'AdvanceWallet', userId: USER }],
  ] as const)('accepts %s', (_what, command) => {
    const history: WalletEvent[] = [
      ...funded,
      added('j', 'promo', 1n, { origin: 'adjustment' }),
      held(33_000n, [draw('a', 'purchased', 33_000n)]),
      charged([draw('a', 'purchased', 10n)], {
        runId: 'run-0' as never,
        total: 10n,
        inference: 10n,
        markup: 0n,
      }),
      frozen,
    ];
    expect(given(...history).when(command).decision.kind).toBe('accepted');
  });

  test('its lots lapse and its months roll as ever', () => {
    const december = utc('2027-01-01T00:00:00.000');
    given(opened('FREE'), granted(100_000n, OPENED_AT, NOVEMBER_END), frozen)
      .when({ type: 'AdvanceWallet', userId: USER }, { at: NOVEMBER_END })
      .then(
        expired('monthly-2026-11', 'monthly', 100_000n, NOVEMBER_END),
        granted(100_000n, NOVEMBER_END, december),
      );
  });

  test('frozen twice, or unfrozen when it is not, is refused', () => {
    given(...funded, frozen)
      .when(freeze)
      .thenRefused({ code: 'wallet.frozen' });
    given(...funded)
      .when(unfreeze)
      .thenRefused({
        code: 'request.invalid',
        errors: [{ field: 'userId', message: 'names a wallet that is not frozen' }],
      });
  });
});

describe('closing a wallet', () => {
  const close = (remainder: 'pay_back' | 'expire') =>
    ({ type: 'CloseWallet', userId: USER, remainder }) as const;
  const history: WalletEvent[] = [
    ...funded,
    added('m', 'monthly', 5n),
    added('r', 'refund', 7n),
    added('q', 'refund', 9n, { origin: 'promo' }),
  ];

  test('free lots expire and the purchased remainder is paid back', () => {
    const { paymentId: _, ...event } = revoked(
      [lotRevoked(draw('a', 'purchased', 50_000n)), lotRevoked(draw('r', 'refund', 7n))],
      { reason: 'closing' },
    );
    given(...history)
      .when(close('pay_back'))
      .then(expired('m', 'monthly', 5n, at), expired('q', 'refund', 9n, at, 'promo'), event, closed);
  });

  test('or kept, as finance decides', () => {
    given(...history)
      .when(close('expire'))
      .then(
        expired('m', 'monthly', 5n, at),
        expired('a', 'purchased', 50_000n, at),
        expired('q', 'refund', 9n, at, 'promo'),
        expired('r', 'refund', 7n, at),
        closed,
      );
  });

  test('is refused with open holds', () => {
    given(...funded, held(1n, [draw('a', 'purchased', 1n)]))
      .when(close('expire'))
      .thenRefused({ code: 'wallet.open_holds' });
  });

  test('what a dispute won has put into a closed wallet is paid back by closing it once more', () => {
    const back = reinstated([lotRevoked(draw('a', 'purchased', 50_000n))]);
    const { paymentId: _, ...event } = revoked([lotRevoked(draw('a', 'purchased', 50_000n))], {
      reason: 'closing',
    });
    const paid = added('a', 'purchased', 50_000n, { paymentId: 'pay-1' as never });
    const gone = revoked([lotRevoked(draw('a', 'purchased', 50_000n))]);
    given(opened(), paid, gone, closed, back).when(close('pay_back')).then(event, closed);
    given(opened(), paid, gone, closed).when(close('pay_back')).thenRefused({ code: 'wallet.closed' });
  });

  test('a closed wallet grants nothing in a new month', () => {
    given(...funded, expired('a', 'purchased', 50_000n, at), closed)
      .when({ type: 'AdvanceWallet', userId: USER }, { at: NOVEMBER_END })
      .then();
  });

  test('a run whose hold had timed out is settled all the same, and uncollected', () => {
    const hold = held(33_000n, [draw('a', 'purchased', 33_000n)]);
    given(...funded, hold, released('timeout', hold.parts), expired('a', 'purchased', 50_000n, at), closed)
      .when(charge({ holdId: HOLD }))
      .then(charged([], { holdId: HOLD, uncollected: 33_000n }));
  });
});

describe('opening a wallet with what the old system held', () => {
  const migrate = {
    type: 'MigrateWallet',
    userId: USER,
    plan: 'PRO',
    purchased: 5n,
    monthly: 7n,
    other: 0n,
  } as const;
  const legacy = (lotId: string, kind: 'monthly' | 'purchased', amount: bigint, more = {}) =>
    added(lotId, kind, amount, { at, origin: 'legacy', reason: 'migration', ...more });

  test('its monthly credits stand for the grant of this period', () => {
    given()
      .when(migrate)
      .then(
        opened('PRO', at),
        legacy('monthly-2026-11', 'monthly', 7n, { expiresAt: NOVEMBER_END }),
        legacy('legacy-purchased', 'purchased', 5n),
      );
  });

  test('happens once', () => {
    given(opened()).when(migrate).thenRefused({ code: 'wallet.already_open' });
  });
});

describe('thresholds of a low balance', () => {
  const set = { type: 'ThresholdsSet', userId: USER, at, thresholds: [30_000n, 20_000n] } as const;
  const crossed = (threshold: bigint, available: bigint) =>
    ({ type: 'BalanceThresholdCrossed', userId: USER, at, threshold, available }) as const;

  test('are kept largest first, no two alike', () => {
    given(...funded)
      .when({ type: 'SetThresholds', userId: USER, thresholds: [20_000n, 30_000n, 20_000n] })
      .then(set);
  });

  test('crossing one adds a notice to the same append, one a threshold', () => {
    const unlockOf = (price: bigint, creator: bigint) =>
      unlocked(price, [creator, price - creator], [draw('a', 'purchased', price)]);
    given(...funded, set)
      .when(unlock(20_000n))
      .then(unlockOf(20_000n, 16_000n));
    given(...funded, set)
      .when(unlock(20_001n))
      .then(unlockOf(20_001n, 16_001n), crossed(30_000n, 29_999n));
    given(...funded, set)
      .when(unlock(40_000n))
      .then(unlockOf(40_000n, 32_000n), crossed(30_000n, 10_000n), crossed(20_000n, 10_000n));
  });

  test('once per crossing: below it nothing more, after credits again', () => {
    const below = unlocked(45_000n, [36_000n, 9_000n], [draw('a', 'purchased', 45_000n)]);
    const next = unlock(1n, { flowId: FlowId.of('flow-2') });
    const { decision } = given(...funded, set, below).when(next);
    expect(decision).toMatchObject({ kind: 'accepted', events: [{ type: 'FlowUnlocked' }] });
    const topUp = added('b', 'purchased', 15_000n);
    const again = given(...funded, set, below, topUp).when(next);
    expect(again.decision).toMatchObject({
      kind: 'accepted',
      events: [{ type: 'FlowUnlocked' }, { type: 'BalanceThresholdCrossed', threshold: 20_000n }],
    });
  });

  test('a hold crosses too: what it reserves is not available', () => {
    given(...funded, set)
      .when(authorise(25_000n))
      .then(held(25_000n, [draw('a', 'purchased', 25_000n)]), crossed(30_000n, 25_000n));
  });

  test('an expiry crosses too', () => {
    given(opened('FREE'), granted(100_000n, OPENED_AT, NOVEMBER_END), {
      ...set,
      thresholds: [100_001n, 100_000n, 50_000n],
    })
      .when({ type: 'AdvanceWallet', userId: USER }, { at: NOW })
      .then();
    const lot = added('p', 'promo', 40_000n, { expiresAt: NOW });
    given(opened(), lot, set)
      .when({ type: 'AdvanceWallet', userId: USER })
      .then(expired('p', 'promo', 40_000n, NOW), crossed(30_000n, 0n), crossed(20_000n, 0n));
  });
});

describe('what must go ahead of a command that does not fit one append', () => {
  const ahead = (history: readonly WalletEvent[], command: Parameters<typeof eventsAhead>[1]) =>
    eventsAhead(
      liveWallet(...history),
      command,
      { now: NOW, commandId: '0'.repeat(32), past: pastOf(history) },
      TERMS,
    );
  const paid = added('a', 'purchased', 1_000n, { paymentId: 'pay-1' as never });
  const holds = Array.from({ length: 600 }, (_, i) =>
    held(1n, [draw('a', 'purchased', 1n)], { holdId: `hold-${i}` as never, runId: `run-${i}` as never }),
  );
  const revoke = {
    type: 'RevokeCredits',
    userId: USER,
    reason: 'chargeback',
    paymentId: 'pay-1' as never,
  } as const;

  test('what time has made due, some at a time', () => {
    const lots = Array.from({ length: 300 }, (_, i) => added(`p${i}`, 'promo', 1n, { expiresAt: NOW }));
    expect(ahead([opened(), ...lots], buy(1n))).toHaveLength(250);
    expect(ahead([opened(), ...lots.slice(0, 40)], buy(1n))).toHaveLength(40);
    expect(ahead([opened()], buy(1n))).toEqual([]);
  });

  test('the holds that a chargeback releases, some at a time', () => {
    const history: WalletEvent[] = [opened(), paid, ...holds];
    let left = ahead(history, revoke);
    for (let round = 0; left.length > 0; round++) {
      expect(round).toBeLessThan(4);
      history.push(...left);
      left = ahead(history, revoke);
    }
    const wallet = liveWallet(...history);
    expect(wallet.holds.size).toBe(0);
    expect(sumFree(wallet.lots)).toBe(1_000n);
    expect(lotsOfPayment(wallet.lots, 'pay-1')).toHaveLength(1);
  });
});

test('nothing can be opened twice', () => {
  given(opened()).when(open()).thenRefused({ code: 'wallet.already_open' });
});
