import { jest } from '@jest/globals';
import { HoldId, RunId } from '#libs/kernel/ids.js';
import { PersistentMap } from '#libs/kernel/persistent-map.js';
import { liveWallet, pastOf, TERMS } from '#test/support/ledger/given.js';
import { authorise, held, MINUTE_MS, released } from '#test/support/ledger/run-builders.js';
import { added, COMMAND_ID, NOW, opened } from '#test/support/ledger/wallet-builders.js';
import { advance } from './advance.js';
import { decideWallet } from './decide.js';
import { evolveWallet } from './evolve.js';
import { timedOut } from './hold-deadlines.js';
import type { LiveWallet } from './state.js';

const ids = (i: number) => ({ holdId: HoldId.of(`hold-${i}`), runId: RunId.of(`run-${i}`) });
const open = (i: number, expiresAt: number) => held(1n, [], { ...ids(i), expiresAt });
const dueOf = (wallet: LiveWallet, t: number): readonly string[] =>
  timedOut(wallet.holds, t).map(({ holdId }) => holdId);

test('holds time out at their own time, in the order in which they were made', () => {
  const wallet = liveWallet(opened(), open(1, NOW + 30), open(2, NOW + 10), open(3, NOW + 20));
  expect(dueOf(wallet, NOW + 9)).toEqual([]);
  expect(dueOf(wallet, NOW + 10)).toEqual(['hold-2']);
  expect(dueOf(wallet, NOW + 30)).toEqual(['hold-1', 'hold-2', 'hold-3']);
  // Asked about an earlier time again: a state may be looked at more than once.
  expect(dueOf(wallet, NOW + 9)).toEqual([]);
});

test('those that are left when the first is released, and one made after it', () => {
  const gone = released('caller', [], { ...ids(2), at: NOW });
  const wallet = liveWallet(opened(), open(1, NOW + 30), open(2, NOW + 10), gone);
  expect(dueOf(wallet, NOW + 10)).toEqual([]);
  expect(dueOf(wallet, NOW + 30)).toEqual(['hold-1']);
  const later = evolveWallet(wallet, open(3, NOW + 20));
  expect(dueOf(later, NOW + 20)).toEqual(['hold-3']);
  expect(dueOf(wallet, NOW + 20)).toEqual([]);
  expect(dueOf(evolveWallet(wallet, released('caller', [], ids(1))), NOW + 30)).toEqual([]);
});

test('a wallet from a snapshot finds its deadlines out again', () => {
  const { holds } = liveWallet(opened(), open(1, NOW + 30), open(2, NOW + 10));
  const restored = PersistentMap.of(holds.entries());
  expect(timedOut(restored, NOW + 9)).toEqual([]);
  expect(timedOut(restored, NOW + 10)).toHaveLength(1);
});

test('a command does not look through all open holds', () => {
  let wallet = liveWallet(opened(), added('a', 'purchased', 1_000_000n));
  const values = jest.spyOn(PersistentMap.prototype, 'values');
  for (let i = 0; i < 200; i++) {
    const context = { now: NOW + i, commandId: COMMAND_ID, past: pastOf([]) };
    const decision = decideWallet(wallet, authorise(100n, { ...ids(i), ttlMs: MINUTE_MS }), context, TERMS);
    if (decision.kind === 'refused') throw new Error(decision.refusal.code);
    wallet = decision.events.reduce<LiveWallet>((state, event) => evolveWallet(state, event), wallet);
  }
  expect(wallet.holds.size).toBe(200);
  expect(values).not.toHaveBeenCalled();
  expect(advance(wallet, NOW + MINUTE_MS + 99, TERMS.plansAt(NOW)).events).toHaveLength(100);
  expect(values.mock.calls.length).toBeLessThan(20);
  values.mockRestore();
});
