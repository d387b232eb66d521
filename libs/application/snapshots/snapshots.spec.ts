import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { LongWallets } from '#test/support/application/long-wallets.js';
import { WatchedStore } from '#test/support/application/watched-store.js';
import { give, open } from '#test/support/ledger/wallet-builders.js';
import { walletDefinition } from '../write-path.js';
import { OPEN_TERMS, STREAM } from '#test/support/application/wallet-process.js';
import { checksumOf } from './snapshot-keeper.js';
import type { Snapshot } from './snapshot-store.js';

const EVERY_EVENTS = 10;
const { version } = walletDefinition(() => OPEN_TERMS).snapshot!;
const SLOT = `${STREAM} ${version}`;

/** A wallet of `gifts` gifts of 1 credit, with the snapshots that came of them. */
async function wallet(gifts = 25) {
  const wallets = new LongWallets({ everyEvents: EVERY_EVENTS });
  const process = wallets.start();
  await process.done('open', open());
  for (let i = 0; i < gifts; i++) await process.done(`k${i}`, give(1n));
  await process.executor.close();
  return { wallets };
}

/** What a process that starts now does with it: whether it believed the snapshot. */
async function restart(wallets: LongWallets, log = wallets.log) {
  const store = new WatchedStore(log);
  const before = wallets.outcomes.requests.length;
  const answer = await wallets.start(store).done('next', give(1n));
  return { promo: answer.balanceAfter?.promo, fromSnapshot: wallets.outcomes.requests.length > before };
}

describe('when a snapshot is made', () => {
  test('every so many events, in the background', async () => {
    const { wallets } = await wallet(35);
    expect(wallets.snapshots.saves).toEqual([9, 19, 29]);
  });

  test('closing waits for the one that the last answer has set off', async () => {
    const wallets = new LongWallets({ everyEvents: EVERY_EVENTS });
    const process = wallets.start();
    await process.done('open', open());
    for (let i = 0; i < EVERY_EVENTS - 3; i++) await process.done(`k${i}`, give(1n));
    expect(wallets.snapshots.saves).toEqual([]);
    await process.done('last', give(1n));
    await process.executor.close();
    expect(wallets.snapshots.saves).toEqual([9]);
  });

  test('never of a short stream', async () => {
    const { wallets } = await wallet(EVERY_EVENTS - 3);
    expect(wallets.snapshots.saves).toEqual([]);
  });

  test('a short stream is not asked for one', async () => {
    const { wallets } = await wallet(EVERY_EVENTS - 3);
    await restart(wallets);
    expect(wallets.snapshots.loads).toBe(0);
  });

  test('of a stream that has grown long without one, once it is folded', async () => {
    const { wallets } = await wallet();
    wallets.snapshots.kept.clear();
    wallets.snapshots.saves.length = 0;
    await restart(wallets);
    expect(wallets.snapshots.saves).toEqual([27]);
  });

  test('a store that fails costs nothing but the snapshot', async () => {
    const { wallets } = await wallet();
    wallets.snapshots.broken = new Error('disk full');
    expect(await restart(wallets)).toEqual({ promo: 26n, fromSnapshot: false });
  });
});

describe('a snapshot is believed', () => {
  test('when it is whole and of this fold, this log and this stream', async () => {
    const { wallets } = await wallet();
    expect(await restart(wallets)).toEqual({ promo: 26n, fromSnapshot: true });
  });

  const kept = (wallets: LongWallets): Snapshot => wallets.snapshots.kept.get(SLOT)!;
  /** Damaged: its checksum is not that of what it says. */
  const damage = (wallets: LongWallets, data: string) =>
    wallets.snapshots.kept.set(SLOT, { ...kept(wallets), data });
  /** Whole, but not what it should be. */
  const forge = (wallets: LongWallets, changed: Partial<Snapshot>) => {
    const forged = { ...kept(wallets), ...changed };
    wallets.snapshots.kept.set(SLOT, { ...forged, checksum: checksumOf(STREAM, forged) });
  };

  test.each<readonly [string, (wallets: LongWallets) => unknown]>([
    ['another fold', (wallets) => forge(wallets, { version: version + 1 })],
    ['another log', (wallets) => forge(wallets, { logId: '00000000' })],
    ['beyond the end of the stream', (wallets) => forge(wallets, { revision: 1_000 })],
    ['an event that is another now', (wallets) => forge(wallets, { eventId: 'no such event' })],
    ['data that was changed', (wallets) => damage(wallets, kept(wallets).data.replace('1', '2'))],
    ['data that was cut', (wallets) => damage(wallets, kept(wallets).data.slice(0, 40))],
    ['a text that is no state', (wallets) => forge(wallets, { data: '{' })],
    ['nothing', (wallets) => wallets.snapshots.kept.clear()],
  ])('not when it is of %s: the stream is folded from its beginning', async (_what, spoil) => {
    const { wallets } = await wallet();
    spoil(wallets);
    expect(await restart(wallets)).toEqual({ promo: 26n, fromSnapshot: false });
  });

  test('not by a log that was set back and has gone another way since', async () => {
    const { wallets } = await wallet();
    const other = new MemoryEventStore();
    Object.defineProperty(other, 'logId', { value: wallets.log.logId });
    const elsewhere = new LongWallets({ everyEvents: 1_000 }).start(other);
    await elsewhere.done('open', open());
    for (let i = 0; i < 30; i++) await elsewhere.done(`other-${i}`, give(100n));
    expect(await restart(wallets, other)).toEqual({ promo: 3_001n, fromSnapshot: false });
  });
});
