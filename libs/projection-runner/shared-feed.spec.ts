import { setTimeout as sleep } from 'node:timers/promises';
import { collect } from '#libs/event-store/conformance/harness.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import type { Position } from '#libs/event-store/port.js';
import { LedgerTraffic } from '#test/support/event-generator.js';
import { SharedFeed } from './shared-feed.js';
import type { Window } from './window.js';

let stop: AbortController;
let store: MemoryEventStore;
let traffic: LedgerTraffic;
let reads: number;

beforeEach(async () => {
  stop = new AbortController();
  store = new MemoryEventStore();
  traffic = new LedgerTraffic(store, { seed: 1, users: 3 });
  reads = 0;
  await traffic.openAll(1_000_000_000n);
  await traffic.charge(100);
});
afterEach(() => stop.abort());

const feedOf = (windowEventsMax: number, coalesceMs = 1): SharedFeed =>
  new SharedFeed({
    store: {
      subscribe: (options) => store.subscribe(options),
      readAll: (options) => {
        reads++;
        return store.readAll(options);
      },
    },
    windowEventsMax,
    coalesceMs,
    coalesceMsMax: coalesceMs,
    signal: stop.signal,
  });

async function readTo(feed: SharedFeed, from: Position, end: Position): Promise<readonly Window[]> {
  const reader = feed.reader();
  const windows: Window[] = [];
  for (let at = from; at < end;) {
    const window = (await reader.next(at))!;
    windows.push(window);
    at = window.checkpoint;
  }
  reader.pause();
  return windows;
}

const positions = (windows: readonly Window[]): readonly Position[] =>
  windows.flatMap(({ events }) => events.map(({ position }) => position));
const upTo = async (from: Position, end: Position): Promise<readonly Position[]> =>
  (await collect(store.readAll({ after: from })))
    .map(({ position }) => position)
    .filter((position) => position <= end);
/** Position of the event with so many before it in the log; counted from the end when negative. */
const positionAt = async (index: number): Promise<Position> =>
  (await collect(store.readAll())).at(index)!.position;

test('readers in step share windows: each event is decoded once', async () => {
  const head = await store.head();
  const feed = feedOf(10);
  const [one, two] = await Promise.all([readTo(feed, 0n, head), readTo(feed, 0n, head)]);
  expect(positions(one)).toEqual(await upTo(0n, head));
  expect(one.length).toBe(two.length);
  for (const [i, window] of one.entries()) expect(window).toBe(two[i]);
  expect(reads).toBe(0);
});

test('a reader that comes later or behind reads for itself until it meets the others', async () => {
  const [head, late, early] = [await store.head(), await positionAt(-6), await positionAt(2)];
  const feed = feedOf(10);
  expect(positions(await readTo(feed, late, head))).toEqual(await upTo(late, head));
  expect(positions(await readTo(feed, early, head))).toEqual(await upTo(early, head));
  expect(reads).toBeGreaterThan(0);
});

test('a reader ahead of the others gets only what is behind its position', async () => {
  const [head, ahead] = [await store.head(), await positionAt(24)];
  const feed = feedOf(10);
  const [all, rest] = await Promise.all([readTo(feed, 0n, head), readTo(feed, ahead, head)]);
  expect(positions(all)).toEqual(await upTo(0n, head));
  expect(positions(rest)).toEqual(await upTo(ahead, head));
  expect(reads).toBe(0);
});

test('events that come close together are one window', async () => {
  const head = await store.head();
  const feed = feedOf(1_000, 50);
  const reader = feed.reader();
  await readTo(feed, 0n, head);
  const next = reader.next(head);
  await sleep(5);
  await traffic.charge(3);
  expect((await next)!.checkpoint).toBe(await store.head());
});

test('a paused reader holds nobody up', async () => {
  const head = await store.head();
  const feed = feedOf(5);
  const lazy = feed.reader();
  await lazy.next(0n);
  lazy.pause();
  const started = performance.now();
  expect(positions(await readTo(feed, 0n, head))).toEqual(await upTo(0n, head));
  expect(performance.now() - started).toBeLessThan(1_500);
});

test('a failing store is the failure of every reader, and the next try starts afresh', async () => {
  const head = await store.head();
  let fail = true;
  const feed = new SharedFeed({
    store: {
      subscribe: (options) => {
        if (fail) throw new Error('no store today');
        return store.subscribe(options);
      },
      readAll: (options) => store.readAll(options),
    },
    windowEventsMax: 10,
    coalesceMs: 1,
    coalesceMsMax: 1,
    signal: stop.signal,
  });
  const results = await Promise.allSettled([feed.reader().next(0n), feed.reader().next(0n)]);
  expect(results).toMatchObject([
    { status: 'rejected', reason: { message: 'no store today' } },
    { status: 'rejected', reason: { message: 'no store today' } },
  ]);
  fail = false;
  expect(positions(await readTo(feed, 0n, head))).toEqual(await upTo(0n, head));
});

test('the end of the feed is the end of every wait', async () => {
  const feed = feedOf(10);
  const waiting = feed.reader().next(await store.head());
  await sleep(5);
  stop.abort();
  expect(await waiting).toBeUndefined();
});
