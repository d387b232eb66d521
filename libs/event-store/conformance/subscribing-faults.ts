import { expect, test } from '@jest/globals';
import { LOG_START, type EventStore, type ExpectedRevision, type RecordedEvent } from '../port.js';
import {
  caughtUp,
  collect,
  event,
  events,
  eventually,
  followUntil,
  namesOf,
  withStore,
  type OpenStore,
} from './harness.js';

const WRITERS = 8;
const APPENDS_PER_WRITER = 25;
const WAKE_ROUNDS = 15;
/** Far below any safety poll, far above what a wake-up takes on a busy machine. */
const WAKE_MEDIAN_MS_MAX = 150;

/** Concurrency, dropped connections, late commits, wake-up. */
export function subscriptionFaultCases(open: OpenStore): void {
  test(`${WRITERS} writers in two processes: strictly in log order, nothing missed, nothing twice`, () =>
    withStore(open, async ({ store, other }) => {
      const total = WRITERS * APPENDS_PER_WRITER * 2;
      const following = [store, other].map((reader) =>
        followUntil(reader, { after: LOG_START, batchSizeMax: 50 }, (_, seen) => seen.length >= total),
      );
      await Promise.all(
        Array.from({ length: WRITERS }, (_, i) => write(i % 2 ? store : other, `wallet-${i}`)),
      );
      const log = await collect(store.readAll());
      expect(log).toHaveLength(total);
      for (const { seen } of await Promise.all(following)) expect(placesOf(seen)).toEqual(placesOf(log));
    }));

  test('after its connection was dropped it resumes by itself, complete and without repeats', () =>
    withStore(open, async ({ store, dropConnections }) => {
      const cuts = 3;
      let cut = 0;
      const following = followUntil(
        store,
        { after: LOG_START, batchSizeMax: 10 },
        (_, seen) => seen.length === 40 * cuts,
      );
      for (; cut < cuts; cut++) {
        await writeThroughFaults(store, `wallet-before-${cut}`, 20);
        await dropConnections();
        await writeThroughFaults(store, `wallet-after-${cut}`, 20);
      }
      const { seen } = await following;
      expect(placesOf(seen)).toEqual(placesOf(await collect(store.readAll())));
    }));

  test('an append that is committed late is delivered, before and behind what others appended', () =>
    withStore(open, async ({ store, other, loseNextReply }) => {
      const names: string[] = [];
      const following = followUntil(other, { after: LOG_START }, (_, seen) => {
        names.splice(0, names.length, ...namesOf(seen));
        return seen.length === 3;
      });
      const late = await loseNextReply('late');
      const lost = store.append('wallet-late', [event('late')], { expected: 'no_stream' });
      await expect(lost).rejects.toThrow('unknown');
      await store.append('wallet-b', [event('first')], { expected: 'no_stream' });
      await eventually('the first event', () => names.includes('first'));
      await late.release();
      await store.append('wallet-c', [event('last')], { expected: 'no_stream' });
      const { seen } = await following;
      expect(namesOf(seen)).toEqual(['first', 'late', 'last']);
    }));

  test('a slow subscriber holds up nobody and misses nothing', () =>
    withStore(open, async ({ store }) => {
      const slow = followSlowly(store, 60);
      for (let i = 0; i < 30; i++)
        await store.append(`wallet-${i}`, events(`e${i}`, 2), { expected: 'no_stream' });
      const quick = await followUntil(store, { after: LOG_START }, caughtUp);
      expect(quick.seen).toHaveLength(60);
      expect(placesOf(await slow)).toEqual(placesOf(quick.seen));
    }));

  wakeCases(open);
}

function wakeCases(open: OpenStore): void {
  test.each(['the same process', 'another process'])(
    'an append by %s wakes it at once, not by the poll',
    (who) =>
      withStore(open, async ({ store, other }) => {
        const writer = who === 'the same process' ? store : other;
        const delays: number[] = [];
        let sentAt = 0;
        const next = (i: number) => {
          sentAt = performance.now();
          void writer.append(`wallet-${i}`, [event(`e${i}`)], { expected: 'no_stream' });
        };
        await followUntil(store, { after: LOG_START }, (message) => {
          if (message.kind === 'batch') delays.push(performance.now() - sentAt);
          // Only a reader that waits can be woken.
          else if (delays.length < WAKE_ROUNDS) setTimeout(next, 20, delays.length);
          return delays.length === WAKE_ROUNDS;
        });
        const median = delays.sort((a, b) => a - b)[Math.floor(WAKE_ROUNDS / 2)]!;
        expect(median).toBeLessThan(WAKE_MEDIAN_MS_MAX);
      }),
  );
}

async function followSlowly(store: EventStore, count: number): Promise<readonly RecordedEvent[]> {
  const abort = new AbortController();
  const seen: RecordedEvent[] = [];
  for await (const message of store.subscribe({ after: LOG_START, signal: abort.signal, batchSizeMax: 4 })) {
    if (message.kind === 'batch') seen.push(...message.events);
    if (seen.length >= count) abort.abort();
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  return seen;
}

async function write(store: EventStore, stream: string): Promise<void> {
  let expected: ExpectedRevision = 'no_stream';
  for (let i = 0; i < APPENDS_PER_WRITER; i++) {
    expected = (await store.append(stream, events(`${stream}/${i}`, 2), { expected })).revision;
  }
}

/** Repeats each append with the same ids and expectation until it is confirmed, as the port asks. */
async function writeThroughFaults(store: EventStore, stream: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const expected = i === 0 ? 'no_stream' : i - 1;
    await eventually(`append ${i} to ${stream}`, () =>
      store.append(stream, [event(`${stream}/${i}`)], { expected }).then(
        () => true,
        (error: unknown) => {
          if (error instanceof Error && FAULTS.has(error.name)) return false;
          throw error;
        },
      ),
    );
  }
}

const FAULTS = new Set(['StoreUnavailableError', 'AppendOutcomeUnknownError']);

function placesOf(seen: readonly RecordedEvent[]): string[] {
  return seen.map((one) => `${one.position} ${one.stream}@${one.revision} ${one.id}`);
}
