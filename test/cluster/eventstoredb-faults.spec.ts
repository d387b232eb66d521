import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import {
  openEventStoreDb,
  type EventStoreDbOptions,
} from '#libs/event-store-eventstoredb/eventstoredb-event-store.js';
import {
  caughtUp,
  collect,
  event,
  events,
  eventually,
  follow,
  followUntil,
  namesOf,
} from '#libs/event-store/conformance/harness.js';
import {
  AppendOutcomeUnknownError,
  ForeignPositionError,
  PositionBeyondHeadError,
  StoreUnavailableError,
  WrongExpectedRevisionError,
} from '#libs/event-store/errors.js';
import { LOG_START, type EventStore } from '#libs/event-store/port.js';
import {
  startDouble,
  type DoubleOptions,
  type EventStoreDouble,
} from '#test/support/eventstoredb-double/double.js';
import { openEventStoreDbProxy } from '#test/support/eventstoredb-proxy.js';

jest.setTimeout(45_000);

const APPEND_MS = 400;
const READ_MS = 400;

interface Scene {
  readonly store: EventStore;
  readonly double: EventStoreDouble;
}

/** A protocol double and a store on it, closed whatever happens. */
async function onDouble(
  body: (scene: Scene) => Promise<void>,
  { store: more = {}, ...options }: DoubleOptions & { readonly store?: Partial<EventStoreDbOptions> } = {},
): Promise<void> {
  const double = await startDouble(options);
  try {
    const store = await openEventStoreDb({ url: double.url, ...more });
    try {
      await body({ store, double });
    } finally {
      await store.close();
    }
  } finally {
    await double.kill();
  }
}

const one = (store: EventStore, name: string) =>
  store.append(`wallet-${name}`, [event(name)], { expected: 'no_stream' });
const refusal = (append: Promise<unknown>) =>
  append.then(
    () => 'written',
    (error: unknown) => error,
  );
const logOf = async (store: EventStore) => namesOf(await collect(store.readAll()));

describe('an append to the protocol double', () => {
  test('that hangs is unknown within the time-out, reads fail by theirs, and a retry finds what came late', () =>
    onDouble(
      async ({ store, double }) => {
        await one(store, 'before');
        double.faults.hang();
        const [unknown, read] = await Promise.all([refusal(one(store, 'a')), refusal(store.head())]);
        expect(unknown).toBeInstanceOf(AppendOutcomeUnknownError);
        expect(read).toBeInstanceOf(StoreUnavailableError);
        double.faults.release();
        expect((await one(store, 'a')).revision).toBe(0);
        expect(await logOf(store)).toEqual(['before', 'a']);
      },
      { store: { appendTimeoutMs: APPEND_MS, readTimeoutMs: READ_MS } },
    ));

  test('that is slow is confirmed within the time-out and unknown behind it', () =>
    onDouble(
      async ({ store, double }) => {
        double.faults.delay(APPEND_MS / 8);
        await one(store, 'slow');
        double.faults.delay(APPEND_MS * 2);
        expect(await refusal(one(store, 'slower'))).toBeInstanceOf(AppendOutcomeUnknownError);
        double.faults.delay(0);
        await one(store, 'slower');
        expect(await logOf(store)).toEqual(['slow', 'slower']);
      },
      { store: { appendTimeoutMs: APPEND_MS } },
    ));

  test.each(['before-commit', 'after-commit', 'late'] as const)(
    'whose reply is lost %s is written once',
    (when) =>
      onDouble(async ({ store, double }) => {
        const loss = double.faults.loseNextReply(when);
        const batch = events('e', 3);
        const append = () => store.append('wallet-a', batch, { expected: 'no_stream' });
        expect(await refusal(append())).toBeInstanceOf(AppendOutcomeUnknownError);
        const retried = await append();
        await loss.release();
        expect(await append()).toEqual(retried);
        expect(await logOf(store)).toEqual(['e.0', 'e.1', 'e.2']);
      }),
  );

  test('that the server refuses as a conflict names the actual revision', () =>
    onDouble(async ({ store, double }) => {
      double.faults.conflictNextAppend({ actual: 41n });
      const refused = await refusal(store.append('wallet-a', [event('e')], { expected: 7 }));
      expect(refused).toBeInstanceOf(WrongExpectedRevisionError);
      expect(refused).toMatchObject({ expected: 7, actual: 41 });
      expect(await logOf(store)).toEqual([]);
    }));

  test('of a server that is not ready, or gone, is not written and says so', () =>
    onDouble(async ({ store, double }) => {
      await one(store, 'a');
      double.faults.setReady(false);
      const unready = await refusal(one(store, 'b'));
      expect(unready).toBeInstanceOf(StoreUnavailableError);
      expect(String(unready)).toContain('Not Ready');
      await expect(openEventStoreDb({ url: double.url })).rejects.toThrow(/EVENTSTORE_URL/);
      await double.kill();
      await eventually(
        'refused as unavailable',
        async () => (await refusal(one(store, 'c'))) instanceof StoreUnavailableError,
      );
      await double.start();
      await eventually('there again', async () => (await refusal(one(store, 'd'))) === 'written');
      expect((await logOf(store)).filter((name) => name !== 'c')).toEqual(['a', 'd']);
    }));

  test('is repeated over a restart of the server with its data, and has one effect', () =>
    withFolder((dataDir) =>
      onDouble(
        async ({ store, double }) => {
          const batch = events('e', 2);
          const first = await store.append('wallet-a', batch, { expected: 'no_stream' });
          await double.restart();
          let again: unknown;
          await eventually('answered again', async () => {
            again = await refusal(
              store.append('wallet-a', batch, { expected: 'no_stream' }).then((result) => (again = result)),
            );
            return !(again instanceof Error);
          });
          expect(await store.append('wallet-a', batch, { expected: 'no_stream' })).toEqual(first);
          expect(await logOf(store)).toEqual(['e.0', 'e.1']);
        },
        { dataDir },
      ),
    ));

  test('that the port refuses never reaches the server, which would answer twice', async () => {
    const double = await startDouble();
    const proxy = await openEventStoreDbProxy(double.url);
    const store = await openEventStoreDb({ url: proxy.url });
    const before = proxy.appends;
    const bad = [
      store.append('wallet-a', [event('a', { type: '' })], { expected: 'no_stream' }),
      store.append('wallet-a', [event('a', { id: 'none' })], { expected: 'no_stream' }),
      store.append('', [event('a')], { expected: 'no_stream' }),
      store.append('wallet-a', [], { expected: 'no_stream' }),
      store.append('wallet-a', [event('a', { data: undefined as unknown as string })], {
        expected: 'no_stream',
      }),
      store.append('wallet-a', [event('a', { data: 'x'.repeat(600_000) })], { expected: 'no_stream' }),
    ];
    expect((await Promise.allSettled(bad)).map(({ status }) => status)).toEqual(bad.map(() => 'rejected'));
    expect(proxy.appends).toBe(before);
    await store.close();
    await proxy.close();
    await double.stop();
  });
});

describe('a subscription to the protocol double', () => {
  test('goes on when the server ends it cleanly, cuts it or restarts', () =>
    onDouble(async ({ store, double }) => {
      const all = follow(store, { after: LOG_START });
      const some = follow(store, { after: LOG_START, categories: ['wallet'] });
      const wanted: string[] = [];
      const go = async (name: string) => {
        await eventually(`append ${name}`, async () => (await refusal(one(store, name))) === 'written');
        wanted.push(name);
      };
      for (const [i, fault] of [
        () => double.faults.endStreams(),
        () => double.faults.dropConnections(),
        () => double.restart(),
      ].entries()) {
        await go(`before-${i}`);
        await Promise.resolve(fault());
        await go(`behind-${i}`);
      }
      await eventually('all events', () => all.seen.length + some.seen.length === 2 * wanted.length);
      await Promise.all([all.stop(), some.stop()]);
      expect(namesOf(all.seen)).toEqual(wanted);
      expect(namesOf(some.seen)).toEqual(wanted);
    }));

  test('is complete, without repeats and in order where the server drops slow subscribers', () =>
    onDouble(
      async ({ store }) => {
        await one(store, 'first');
        const quick = follow(store, { after: LOG_START });
        const slow: string[] = [];
        const stop = new AbortController();
        const slowly = (async () => {
          const options = { after: LOG_START, signal: stop.signal, batchSizeMax: 20, categories: ['wallet'] };
          for await (const message of store.subscribe(options)) {
            if (message.kind === 'batch') slow.push(...namesOf(message.events));
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
        })();
        await eventually('live', () => quick.messages.some(caughtUp));
        await Promise.all(
          Array.from({ length: 64 }, (_, i) =>
            store.append(`wallet-${i}`, events(`w${i}`, i % 8 === 0 ? 200 : 3), { expected: 'no_stream' }),
          ),
        );
        const log = await logOf(store);
        await eventually('quick', () => quick.seen.length === log.length);
        await eventually('slow', () => slow.length === log.length);
        stop.abort();
        await Promise.all([quick.stop(), slowly]);
        expect(namesOf(quick.seen)).toEqual(log);
        expect(slow).toEqual(log);
      },
      { dropSlowSubscribers: true },
    ));

  test('marks each place once though the server repeats that it caught up, and skips nothing', () =>
    onDouble(async ({ store, double }) => {
      const following = follow(store, { after: LOG_START });
      for (let i = 0; i < 30; i++) {
        await one(store, `e${i}`);
        double.faults.repeatCaughtUp();
      }
      await eventually('all', () => following.seen.length === 30);
      await eventually('the mark', () => following.messages.at(-1)?.kind === 'caught-up');
      await following.stop();
      const marks = following.messages.filter(caughtUp).map(({ checkpoint }) => checkpoint);
      expect(new Set(marks).size).toBe(marks.length);
      expect(namesOf(following.seen)).toEqual(Array.from({ length: 30 }, (_, i) => `e${i}`));
    }));

  test('sees nothing of the server itself or of the adapter, and its checkpoints never pass the head', () =>
    onDouble(
      async ({ store, double }) => {
        for (let i = 0; i < 20; i++)
          await store.append(`wallet-${i}`, events(`e${i}`, 2), { expected: 'no_stream' });
        await store.now();
        const other = await openEventStoreDb({ url: double.url, namespace: 'elsewhere' });
        await one(other, 'foreign');
        await other.close();
        const head = await store.head();
        const log = await collect(store.readAll());
        expect(log).toHaveLength(40);
        expect(log.at(-1)!.position).toBe(head);
        const { seen, messages } = await followUntil(store, { after: LOG_START, batchSizeMax: 7 }, caughtUp);
        expect(seen).toEqual(log);
        expect(messages.at(-1)).toEqual({ kind: 'caught-up', checkpoint: head });
        const positions = new Set(log.map(({ position }) => position));
        for (const { checkpoint } of messages) expect(positions).toContain(checkpoint);
      },
      { statsEveryAppends: 1 },
    ));

  test('that hardly anything matches moves its checkpoint on the way, and resumes at each exactly', () =>
    onDouble(async ({ store }) => {
      const appends = 60;
      for (let i = 0; i < appends; i++) {
        const batch = events(`e${i}`, 500).map((each, j) =>
          i % 20 === 7 && j === 3 ? { ...each, type: 'Rare.v1' } : each,
        );
        await store.append(`wallet-${i}`, batch, { expected: 'no_stream' });
      }
      const rare = { types: ['Rare.v1'] };
      const { seen, messages } = await followUntil(store, { after: LOG_START, ...rare }, caughtUp);
      expect(namesOf(seen)).toEqual(['e7.3', 'e27.3', 'e47.3']);
      expect(messages.filter(({ kind }) => kind === 'batch').length).toBeGreaterThan(2);
      const log = new Set((await collect(store.readAll())).map(({ position }) => position));
      let handedOver = 0;
      for (const message of messages) {
        if (message.kind === 'batch') handedOver += message.events.length;
        expect(log).toContain(message.checkpoint);
        const rest = await followUntil(store, { after: message.checkpoint, ...rare }, caughtUp);
        expect(namesOf(rest.seen)).toEqual(namesOf(seen).slice(handedOver));
      }
    }));

  test('costs the server one for all subscribers of a process, and none when they have left', () =>
    onDouble(async ({ store, double }) => {
      await one(store, 'a');
      const followers = Array.from({ length: 6 }, (_, i) =>
        follow(store, { after: LOG_START, ...(i % 2 ? { types: ['Noted.v1'] } : {}) }),
      );
      await eventually('all live', () => followers.every(({ messages }) => messages.some(caughtUp)));
      await one(store, 'b');
      await eventually('all events', () => followers.every(({ seen }) => seen.length === 2));
      await eventually('one upstream', () => double.openSubscriptions === 1);
      await Promise.all(followers.map((follower) => follower.stop()));
      await eventually('none upstream', () => double.openSubscriptions === 0);
    }));
});

describe('a log of the protocol double that is not the one it was', () => {
  test('replaced by another: subscribers stop by name, and nothing is written to the new one', async () => {
    const first = await startDouble();
    const store = await openEventStoreDb({ url: first.url, pollMs: 50 });
    await one(store, 'a');
    const following = follow(store, { after: LOG_START });
    await eventually('live', () => following.messages.some(caughtUp));
    await first.kill();
    const second = await startDouble({ port: first.port });
    const otherLog = await openEventStoreDb({ url: second.url });
    await expect(following.ended).rejects.toBeInstanceOf(ForeignPositionError);
    await expect(following.ended).rejects.toThrow(store.logId);
    expect(await refusal(one(store, 'b'))).toBeInstanceOf(StoreUnavailableError);
    expect(await refusal(store.now())).toBeInstanceOf(ForeignPositionError);
    expect(await logOf(otherLog)).toEqual([]);
    await Promise.all([store.close(), otherLog.close()]);
    await second.stop();
  });

  test('cut short: a subscriber beyond its head stops by name', () =>
    withFolder((dataDir) =>
      withFolder(async (copy) => {
        const double = await startDouble({ dataDir });
        const store = await openEventStoreDb({ url: double.url, pollMs: 50 });
        await one(store, 'a');
        for (const name of await readdir(dataDir)) await copyFile(join(dataDir, name), join(copy, name));
        await one(store, 'b');
        const following = follow(store, { after: LOG_START });
        await eventually('all', () => following.seen.length === 2);
        await double.kill();
        const restored = await startDouble({ port: double.port, dataDir: copy });
        await expect(following.ended).rejects.toBeInstanceOf(PositionBeyondHeadError);
        expect(await logOf(store)).toEqual(['a']);
        await store.close();
        await restored.stop();
      }),
    ));

  test('cut short and grown past the subscriber: it stops by name all the same', () =>
    withFolder((dataDir) =>
      withFolder(async (copy) => {
        const double = await startDouble({ dataDir });
        const store = await openEventStoreDb({ url: double.url, pollMs: 50 });
        await one(store, 'a');
        for (const name of await readdir(dataDir)) await copyFile(join(dataDir, name), join(copy, name));
        await one(store, 'b');
        const following = follow(store, { after: LOG_START });
        await eventually('live', () => following.messages.some(caughtUp));
        await one(store, 'c');
        await eventually('all', () => following.seen.length === 3);
        await double.kill();
        const elsewhere = await startDouble({ dataDir: copy });
        const grown = await openEventStoreDb({ url: elsewhere.url });
        for (let i = 0; i < 9; i++) await one(grown, `grown-${i}`);
        await grown.close();
        await elsewhere.stop();
        const restored = await startDouble({ port: double.port, dataDir: copy });
        await expect(following.ended).rejects.toBeInstanceOf(ForeignPositionError);
        await store.close();
        await restored.stop();
      }),
    ));
});

describe('the clock of the protocol double', () => {
  test('is the store clock, and is asked for by an event that nobody sees', () =>
    onDouble(
      async ({ store }) => {
        const before = Date.now() + 3_600_000;
        const now = await store.now();
        expect(now).toBeGreaterThan(before - 1_000);
        expect(now).toBeLessThanOrEqual(Date.now() + 3_600_000 + 1);
        expect(await store.head()).toBe(LOG_START);
      },
      { now: () => Date.now() + 3_600_000 },
    ));

  test('is not told by memory when the server is away', () =>
    onDouble(
      async ({ store, double }) => {
        await store.now();
        double.faults.hang();
        await expect(store.now()).rejects.toBeInstanceOf(StoreUnavailableError);
        double.faults.release();
      },
      { store: { readTimeoutMs: READ_MS } },
    ));
});

describe('a store on the protocol double', () => {
  test('is found through gossip, and under the newer name of the scheme', async () => {
    const double = await startDouble();
    const urls = [double.url, double.discoverUrl, double.url.replace('esdb', 'kurrentdb')];
    const stores = await Promise.all(urls.map((url) => openEventStoreDb({ url })));
    expect(new Set(stores.map(({ logId }) => logId)).size).toBe(1);
    for (const [i, store] of stores.entries()) await one(store, String(i));
    await Promise.all(stores.map((store) => store.close()));
    await double.stop();
  });

  test('closes while the server hangs, with an append and a subscription on their way', () =>
    onDouble(
      async ({ store, double }) => {
        const following = follow(store, { after: LOG_START });
        await eventually('live', () => following.messages.some(caughtUp));
        double.faults.hang();
        const append = refusal(one(store, 'a'));
        const closing = performance.now();
        await store.close();
        expect(performance.now() - closing).toBeLessThan(5_000);
        expect(await append).toBeInstanceOf(AppendOutcomeUnknownError);
        await following.ended;
        expect(await refusal(one(store, 'b'))).toBeInstanceOf(StoreUnavailableError);
        expect(await refusal(store.head())).toBeInstanceOf(StoreUnavailableError);
      },
      { store: { appendTimeoutMs: APPEND_MS, readTimeoutMs: READ_MS } },
    ));
});

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'promptflow-double-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
