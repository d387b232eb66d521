import { jest } from '@jest/globals';
import { HoldId, PaymentId, RunId } from '#libs/kernel/ids.js';
import { PersistentMap } from '#libs/kernel/persistent-map.js';
import { liveWallet, pastOf, TERMS } from '#test/support/ledger/given.js';
import { DAY_MS, held, MINUTE_MS, released } from '#test/support/ledger/run-builders.js';
import {
  added,
  buy,
  COMMAND_ID,
  draw,
  granted,
  NOVEMBER_END,
  NOW,
  OPENED_AT,
  opened,
  USER,
} from '#test/support/ledger/wallet-builders.js';
import { advance } from './advance.js';
import type { PaySubscriptionCommand, WalletCommand } from './commands.js';
import { decideWallet, eventsAhead } from './decide.js';
import type { WalletEvent } from './events.js';
import { evolveWallet } from './evolve.js';
import type { LiveWallet } from './state.js';

const DECEMBER_2 = NOVEMBER_END + DAY_MS;
const contextAt = (now: number) => ({ now, commandId: COMMAND_ID, past: pastOf([]) });
const fold = (wallet: LiveWallet, events: readonly WalletEvent[]): LiveWallet =>
  events.reduce<LiveWallet>((state, event) => evolveWallet(state, event), wallet);

/** Sends ahead of the command all that must go there, append by append. */
function sentAhead(start: LiveWallet, command: WalletCommand, now: number): readonly WalletEvent[][] {
  const appends: WalletEvent[][] = [];
  for (let wallet = start; ; wallet = fold(wallet, appends.at(-1)!)) {
    const events = [...eventsAhead(wallet, command, contextAt(now), TERMS)];
    if (events.length === 0) return appends;
    appends.push(events);
    expect(appends.length).toBeLessThan(20);
  }
}

const lapsing = (count: number) =>
  Array.from({ length: count }, (_, i) => added(`p${i}`, 'promo', 1n, { expiresAt: NOW }));
const typesOf = (events: readonly WalletEvent[]): ReadonlySet<string> =>
  new Set(events.map(({ type }) => type));

describe('what goes ahead of a command at the turn of a period', () => {
  // Wherever an append ends, the change of plan and its grant stay together.
  test.each([247, 248, 249, 250, 251])('never loses the grant: %p lots lapse with it', (count) => {
    const wallet = liveWallet(
      opened('PRO'),
      granted(15_000_000n, OPENED_AT, NOVEMBER_END),
      { type: 'PlanChangeScheduled', userId: USER, at: NOW, plan: 'FREE', effectiveAt: NOVEMBER_END },
      ...lapsing(count),
    );
    const appends = sentAhead(wallet, buy(1n), DECEMBER_2);
    const turn = appends.find((events) => typesOf(events).has('PlanChanged'))!;
    expect(turn.map(({ type }) => type)).toEqual(['PlanChanged', 'CreditsAdded']);
    const after = fold(wallet, appends.flat());
    expect(after).toMatchObject({ plan: 'FREE', grantedPeriod: NOVEMBER_END });
    expect(after.lots.active.map(({ id, remaining }) => [id, remaining])).toEqual([
      ['monthly-2026-12', 100_000n],
    ]);
  });

  test('leaves the plan to be judged with the payment that covers it', () => {
    const wallet = liveWallet({ ...opened('PRO'), coverage: 'paid' }, ...lapsing(300));
    const pay: PaySubscriptionCommand = {
      type: 'PaySubscription',
      userId: USER,
      plan: 'PRO',
      paymentId: PaymentId.of('sub-1'),
      amount: 15_000_000n,
      from: NOVEMBER_END,
      until: NOVEMBER_END + 31 * DAY_MS,
    };
    const ahead = sentAhead(wallet, pay, DECEMBER_2).flat();
    expect(typesOf(ahead)).toEqual(new Set(['CreditsExpired']));
    const decision = decideWallet(fold(wallet, ahead), pay, contextAt(DECEMBER_2), TERMS);
    expect(decision).toMatchObject({
      events: [{ type: 'SubscriptionPaid' }, { type: 'CreditsAdded', amount: 15_000_000n }],
    });
  });
});

describe('holds that time out together', () => {
  const lots = Array.from({ length: 200 }, (_, i) => added(`a${i}`, 'purchased', 20n));
  const wide = Array.from({ length: 10 }, (_, i) =>
    held(
      200n,
      lots.map(({ lotId }) => draw(lotId, 'purchased', 1n)),
      { holdId: HoldId.of(`hold-${i}`), runId: RunId.of(`run-${i}`), expiresAt: NOW + MINUTE_MS },
    ),
  );

  test('go ahead in as many appends as their parts of lots need', () => {
    const wallet = liveWallet(opened(), ...lots, ...wide);
    const appends = sentAhead(wallet, buy(1n), NOW + MINUTE_MS);
    expect(appends.map((events) => events.length)).toEqual([7, 3]);
    expect(fold(wallet, appends.flat()).holds.size).toBe(0);
  });

  test('do not each look through all that have lapsed before', () => {
    const many = Array.from({ length: 1_000 }, (_, i) =>
      held(1n, [], {
        holdId: HoldId.of(`hold-${i}`),
        runId: RunId.of(`run-${i}`),
        expiresAt: NOW + MINUTE_MS,
      }),
    );
    const wallet = liveWallet(opened(), ...many);
    const values = jest.spyOn(PersistentMap.prototype, 'values');
    const { events } = advance(wallet, NOW + MINUTE_MS, TERMS.plansAt(NOW));
    expect(typesOf(events)).toContain('HoldReleased');
    expect(values.mock.calls.length).toBeLessThan(20);
    values.mockRestore();
  });

  test('are forgotten once they cannot be settled any more', () => {
    const lapsed = (i: number, at: number): readonly WalletEvent[] => {
      const ids = { holdId: HoldId.of(`hold-${i}`), runId: RunId.of(`run-${i}`) };
      return [held(1n, [], { ...ids, at, expiresAt: at }), released('timeout', [], { ...ids, at })];
    };
    const days = Array.from({ length: 400 }, (_, i) => lapsed(i, NOW + i * DAY_MS));
    expect(liveWallet(opened(), ...days.flat()).lapsedHolds.size).toBeLessThanOrEqual(16);
  });
});

describe('closing a wallet of more lots than one append holds', () => {
  const close = (remainder: 'expire' | 'pay_back') =>
    ({ type: 'CloseWallet', userId: USER, remainder }) as const;
  const lots = (count: number) => Array.from({ length: count }, (_, i) => added(`l${i}`, 'purchased', 1n));

  test.each(['expire', 'pay_back'] as const)(
    'closes it first and leaves the last lots to the command: %s',
    (how) => {
      const wallet = liveWallet(opened(), ...lots(2_600));
      const appends = sentAhead(wallet, close(how), NOW);
      expect(appends[0]![0]).toMatchObject({ type: 'WalletClosed' });
      const closed = fold(wallet, appends.flat());
      expect(closed.status).toBe('closed');
      const decision = decideWallet(closed, close(how), contextAt(NOW), TERMS);
      expect(decision).toMatchObject({ kind: 'accepted', events: [{}, { type: 'WalletClosed' }] });
      const after = fold(closed, decision.kind === 'accepted' ? decision.events : []);
      expect(after.lots.active).toEqual([]);
    },
  );

  test('sends nothing ahead of one that is refused', () => {
    const wallet = liveWallet(opened(), ...lots(600), held(1n, [draw('l0', 'purchased', 1n)]));
    expect(sentAhead(wallet, close('expire'), NOW)).toEqual([]);
  });
});
