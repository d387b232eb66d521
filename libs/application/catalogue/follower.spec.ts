import { StoreUnavailableError } from '#libs/event-store/errors.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { encodeMetadata } from '#libs/contracts/metadata.js';
import { encodeEvent } from '#libs/contracts/stored-events.js';
import type { SubscribeOptions } from '#libs/event-store/port.js';
import type { Clock } from '#libs/kernel/clock.js';
import type { CatalogueEvent, RateCardPublished } from '#libs/ledger/catalogue/events.js';
import { WatchedStore } from '#test/support/application/watched-store.js';
import { CatchingUpFault } from '../outcome.js';
import { streamOf } from './definition.js';
import { followCatalogue, type FollowOptions, FRESH_MS_MAX } from './follower.js';
import { seedCatalogue } from './seed.js';

const NOW = Date.UTC(2026, 10, 20, 16);
const POLL_MS = 2;

const CARD: RateCardPublished = {
  type: 'RateCardPublished',
  at: NOW,
  version: 2,
  effectiveFrom: NOW + 60_000,
  cardId: 'standard',
  models: [{ model: 'gpt-5', input: 7n, output: 8n }],
  aliases: [],
};

async function publish(store: MemoryEventStore, event: CatalogueEvent): Promise<void> {
  const metadata = encodeMetadata({ principal: 'local', key: `k${event.version}`, bodyHash: '' });
  const id = crypto.randomUUID();
  const expected = event.version === 1 ? 'no_stream' : event.version - 2;
  await store.append(streamOf(event), [{ id, ...encodeEvent(event), metadata }], { expected });
}

/** Something that is none of the catalogue's business. */
async function addNoise(store: MemoryEventStore, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const event = { id: crypto.randomUUID(), type: 'Noise.v1', data: '{}', metadata: '{}' };
    await store.append(`wallet-u-${Math.random().toString(36).slice(2)}`, [event], { expected: 'no_stream' });
  }
}

/** A clock that stands still until it is set. */
class StillClock implements Clock {
  constructor(public t = NOW) {}

  now(): number {
    return this.t;
  }
}

/** A process's view of a log that may be away. */
class AwayStore extends WatchedStore {
  away = false;
  readonly subscriptions: SubscribeOptions[] = [];

  override head(): Promise<bigint> {
    return this.away ? Promise.reject(new StoreUnavailableError('The test store is away.')) : super.head();
  }

  override subscribe(options: SubscribeOptions) {
    this.subscriptions.push(options);
    return super.subscribe(options);
  }
}

const running: { readonly ending: AbortController; readonly stopped: Promise<void> }[] = [];

/** One process that follows the log. */
async function follow(log: MemoryEventStore, more: Partial<FollowOptions> = {}) {
  const store = new AwayStore(log);
  const clock = new StillClock();
  const ending = new AbortController();
  const faults: string[] = [];
  const follower = await followCatalogue({
    store,
    clock,
    signal: ending.signal,
    onFault: ({ message }) => faults.push(message),
    pollMs: POLL_MS,
    ...more,
  });
  running.push({ ending, stopped: follower.stopped });
  return { store, clock, follower, faults, ending };
}

afterEach(async () => {
  for (const { ending, stopped } of running.splice(0)) {
    ending.abort();
    await stopped;
  }
});

const seededLog = async () => {
  const log = new MemoryEventStore();
  await seedCatalogue(log);
  return log;
};

const cardAt = (
  follower: { terms(): { pricingAt(t: number): { rateCard: { version: number } } } },
  t: number,
) => follower.terms().pricingAt(t).rateCard.version;

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1_000 && !condition(); i++)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  expect(condition()).toBe(true);
}

describe('following the catalogue', () => {
  test('knows the whole of it when it begins', async () => {
    const { follower } = await follow(await seededLog());
    const { policy, rateCard } = follower.terms().pricingAt(NOW);
    expect([policy.id, rateCard.id, rateCard.version]).toEqual(['three-part-v1', 'standard', 1]);
    expect(follower.current().rateCards).toHaveLength(2);
  });

  test('a published card takes effect at its time in two processes, and in neither before', async () => {
    const log = await seededLog();
    const both = [await follow(log), await follow(log)];
    await publish(log, CARD);
    for (const { follower } of both) await until(() => follower.current().rateCards.length === 3);
    for (const { follower } of both) {
      expect(cardAt(follower, NOW + 59_999)).toBe(1);
      expect(cardAt(follower, NOW + 60_000)).toBe(2);
    }
  });

  test('is found by itself among a thousand other events, and costs no look at what was read before', async () => {
    const log = await seededLog();
    await addNoise(log, 1_000);
    const { follower, store } = await follow(log);
    const seen = store.subscriptions.length;
    await addNoise(log, 10);
    await publish(log, CARD);
    await until(() => follower.current().rateCards.length === 3);
    for (const { after, categories } of store.subscriptions.slice(seen)) {
      expect(after).toBeGreaterThanOrEqual(1_004n);
      expect(categories).toEqual(['ratecard', 'policy', 'plans']);
    }
  });

  test('a quiet log is asked for its head alone', async () => {
    const { store, follower } = await follow(await seededLog());
    const { length } = store.subscriptions;
    for (let i = 0; i < 5; i++) await follower.refresh();
    expect(store.subscriptions).toHaveLength(length);
  });

  test('refresh reads what was published before it was called, also during another reading', async () => {
    const log = await seededLog();
    const { follower } = await follow(log, { pollMs: 60_000 });
    const first = follower.refresh();
    await publish(log, CARD);
    await follower.refresh();
    expect(follower.current().rateCards).toHaveLength(3);
    await first;
  });

  test('ends with its signal: nothing asks the log any more', async () => {
    const { store, follower, ending } = await follow(await seededLog());
    ending.abort();
    await follower.stopped;
    let asked = 0;
    store.head = () => Promise.resolve(BigInt(asked++));
    await new Promise((resolve) => setTimeout(resolve, 5 * POLL_MS));
    expect(asked).toBe(0);
  });
});

describe('a process that has not read the log for 30 s refuses to price', () => {
  test('30 s', () => expect(FRESH_MS_MAX).toBe(30_000));

  test('at 30 s it still prices, a millisecond later it does not; it still shows what it knows', async () => {
    const { store, clock, follower } = await follow(await seededLog(), { pollMs: 60_000 });
    store.away = true;
    clock.t = NOW + 30_000;
    expect(cardAt(follower, clock.t)).toBe(1);
    clock.t = NOW + 30_001;
    expect(() => follower.terms()).toThrow(CatchingUpFault);
    expect(follower.current().rateCards).toHaveLength(2);
  });

  test('a clock set back by more than that is no proof of having read', async () => {
    const { store, clock, follower } = await follow(await seededLog(), { pollMs: 60_000 });
    store.away = true;
    clock.t = NOW - 30_001;
    expect(() => follower.terms()).toThrow(CatchingUpFault);
  });

  test('the moment counts at which the reading began, not at which it ended', async () => {
    const { store, clock, follower } = await follow(await seededLog(), { pollMs: 60_000 });
    const { log } = store;
    store.head = async () => {
      const head = await log.head();
      clock.t = NOW + 20_000;
      return head;
    };
    await follower.refresh();
    clock.t = NOW + 30_001;
    expect(() => follower.terms()).toThrow(CatchingUpFault);
  });

  test('two processes: the one that is cut off refuses before the card takes effect, the other prices by it', async () => {
    const log = await seededLog();
    const [cut, live] = [await follow(log), await follow(log)];
    cut.store.away = true;
    await publish(log, CARD);
    live.clock.t = cut.clock.t = CARD.effectiveFrom;
    await live.follower.refresh();
    expect(cardAt(live.follower, live.clock.t)).toBe(2);
    expect(() => cut.follower.terms()).toThrow(CatchingUpFault);
    cut.store.away = false;
    await until(() => cut.follower.current().rateCards.length === 3);
    await cut.follower.refresh();
    expect(cardAt(cut.follower, cut.clock.t)).toBe(2);
  });

  test('it says so once, reads again by itself and prices', async () => {
    const { store, clock, follower, faults } = await follow(await seededLog());
    store.away = true;
    await until(() => faults.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 5 * POLL_MS));
    expect(faults).toEqual(['The test store is away.']);
    clock.t = NOW + 40_000;
    expect(() => follower.terms()).toThrow(CatchingUpFault);
    store.away = false;
    await follower.refresh();
    expect(cardAt(follower, clock.t)).toBe(1);
  });
});

describe('starting', () => {
  test('waits for a log that is away', async () => {
    const log = await seededLog();
    const store = new AwayStore(log);
    store.away = true;
    const starting = follow(log, { store });
    await new Promise((resolve) => setTimeout(resolve, 5 * POLL_MS));
    store.away = false;
    expect(cardAt((await starting).follower, NOW)).toBe(1);
  });

  test('fails on an event that no waiting makes readable, naming it', async () => {
    const log = await seededLog();
    const event = { id: crypto.randomUUID(), type: 'RateCardPublished.v99', data: '{}', metadata: '{}' };
    await log.append('ratecard-later', [event], { expected: 'no_stream' });
    await expect(follow(log)).rejects.toThrow('RateCardPublished.v99');
  });

  test('is given up when its signal ends it', async () => {
    const store = new AwayStore(await seededLog());
    store.away = true;
    const ending = new AbortController();
    const starting = followCatalogue({
      store,
      clock: new StillClock(),
      signal: ending.signal,
      pollMs: POLL_MS,
    });
    ending.abort(new Error('stopped'));
    await expect(starting).rejects.toThrow('stopped');
  });
});
