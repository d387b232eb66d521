import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { StoreUnavailableError } from '#libs/event-store/errors.js';
import { decodeMetadata } from '#libs/contracts/metadata.js';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import { seedEvents } from '#libs/ledger/catalogue/standard.js';
import {
  eventsOf,
  lostAfterCommit,
  lostBeforeCommit,
  storeGone,
  WatchedStore,
} from '#test/support/application/watched-store.js';
import { seedCatalogue } from './seed.js';

const STREAMS = ['ratecard-standard', 'ratecard-token-rates-2024', 'policy-three-part-v1', 'plans-standard'];

const seeded = async (store: MemoryEventStore) => (await eventsOf(store)).map((event) => decodeEvent(event));

describe('seeding the catalogue', () => {
  test('gives an empty log the shipped cards, policy and plans, one event a stream', async () => {
    const store = new MemoryEventStore();
    await seedCatalogue(store);
    expect((await eventsOf(store)).map(({ stream }) => stream)).toEqual(STREAMS);
    expect(await seeded(store)).toEqual(seedEvents());
    const [first] = await eventsOf(store);
    expect(decodeMetadata(first!.metadata)).toMatchObject({ principal: 'system:seed', key: 'seed' });
  });

  test('the configured plan credit is that of the seeded plan table', async () => {
    const store = new MemoryEventStore();
    await seedCatalogue(store, { planCredit: 12_345n });
    expect(await seeded(store)).toEqual(seedEvents(12_345n));
  });

  test('a second start appends nothing, whatever plan credit is configured then', async () => {
    const log = new MemoryEventStore();
    await seedCatalogue(log);
    const second = new WatchedStore(log);
    await seedCatalogue(second, { planCredit: 7n });
    expect(second.appends).toEqual([]);
    expect(await seeded(log)).toEqual(seedEvents());
  });

  test('a log that lacks a stream gets that one', async () => {
    const log = new MemoryEventStore();
    const dying = new WatchedStore(log);
    dying.faults.push((commit) => commit(), storeGone);
    await expect(seedCatalogue(dying)).rejects.toThrow(StoreUnavailableError);
    expect(await seeded(log)).toEqual(seedEvents().slice(0, 1));
    await seedCatalogue(log);
    expect(await seeded(log)).toEqual(seedEvents());
  });

  test('ten processes that start at once seed once', async () => {
    const log = new MemoryEventStore();
    await Promise.all(Array.from({ length: 10 }, () => seedCatalogue(new WatchedStore(log))));
    expect(await seeded(log)).toEqual(seedEvents());
  });

  test.each([
    ['was written', lostAfterCommit],
    ['was not written', lostBeforeCommit],
  ])('an append whose answer is lost and that %s is repeated with the same id', async (_what, fault) => {
    const store = new WatchedStore();
    store.faults.push(fault);
    await seedCatalogue(store);
    expect(store.appends).toHaveLength(5);
    expect(store.appends[1]!.events[0]!.id).toBe(store.appends[0]!.events[0]!.id);
    expect((await eventsOf(store)).map(({ stream }) => stream)).toEqual(STREAMS);
  });
});
