import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import type { Clock } from '#libs/kernel/clock.js';
import { WalletProcess } from '#test/support/application/wallet-process.js';
import { gate, lostBeforeCommit, WatchedStore } from '#test/support/application/watched-store.js';
import { give, NOW, open } from '#test/support/ledger/wallet-builders.js';

/** Moves on at every look. */
class CountingClock implements Clock {
  readings = 0;

  now(): number {
    return NOW + this.readings++;
  }
}

function countingProcess() {
  const store = new WatchedStore(new MemoryEventStore());
  const clock = new CountingClock();
  return { store, clock, process: new WalletProcess(store, { clock }) };
}

describe('the clock is read once per command', () => {
  test('all events of a command carry that one moment', async () => {
    const { clock, process } = countingProcess();
    const { events } = await process.done('open', open());
    expect(clock.readings).toBe(1);
    expect(events.map(({ type, at }) => [type, at])).toEqual([
      ['WalletOpened', NOW],
      ['CreditsAdded', NOW],
    ]);
  });

  test('also when it is decided again on what another process wrote, or its append is tried again', async () => {
    const { store, clock, process } = countingProcess();
    await process.done('open', open());
    await process.preview('look', give(1n));
    const readings = clock.readings;
    const { fault, reached, open: openGate } = gate();
    store.faults.push(fault, lostBeforeCommit);
    const late = process.done('late', give(5n));
    await reached;
    await new WalletProcess(store.log).done('quick', give(7n));
    openGate();
    expect((await late).events.map(({ at }) => at)).toEqual([NOW + readings]);
    expect(clock.readings).toBe(readings + 1);
  });

  test('commands of one batch each have their own', async () => {
    const { clock, process } = countingProcess();
    await process.done('open', open());
    const done = await Promise.all(['a', 'b', 'c'].map((key) => process.done(key, give(5n))));
    expect(done.flatMap(({ events }) => events.map(({ at }) => at - NOW))).toEqual([1, 2, 3]);
    expect(clock.readings).toBe(4);
  });
});
