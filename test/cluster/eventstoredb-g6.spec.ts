import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { openEventStoreDb } from '#libs/event-store-eventstoredb/eventstoredb-event-store.js';
import { collect, event, eventually } from '#libs/event-store/conformance/harness.js';
import { categoryOf } from '#libs/event-store/filter.js';
import {
  LOG_START,
  type EventFilter,
  type EventStore,
  type ExpectedRevision,
  type Position,
  type RecordedEvent,
} from '#libs/event-store/port.js';
import { startDouble, type EventStoreDouble } from '#test/support/eventstoredb-double/double.js';
import { printedSeed } from '#test/support/property.js';
import { Dice, seededRandom } from '#test/support/random.js';

/** Guarantee G6 on EventStoreDB in its everyday form: a subscriber skips nothing, though the server fails and drops it. */
const RUN_MS = Number(process.env['G6_RUN_MS'] ?? 8_000);
const WRITERS = 16;
/** More than the 32 that a server keeps for a live subscriber, now and then. */
const EVENTS_MAX = 40;
const PAUSE_MS_MAX = 60;
const FAULT_PAUSE_MS_MAX = 800;
const RETRY_MS = 20;
const CATCH_UP_MS_MAX = 15_000;
const LEAVE_SHARE = 0.02;
const SEED = printedSeed('G6 on EventStoreDB, a subscriber skips nothing', 1);
const diceOf = (number: number) => new Dice(seededRandom(SEED + number));

jest.setTimeout(RUN_MS + 2 * CATCH_UP_MS_MAX);

test(`G6 on the protocol double: a subscriber skips nothing (${WRITERS} writers, ${RUN_MS} ms, seed ${SEED})`, async () => {
  const double = await startDouble({ dropSlowSubscribers: true, statsEveryAppends: 5 });
  const near = await openEventStoreDb({ url: double.url });
  const far = await openEventStoreDb({ url: double.url });
  const acknowledged: string[] = [];
  const followers = [
    new Follower(near, {}, diceOf(1)),
    new Follower(far, {}, diceOf(2)),
    new Follower(far, { categories: ['wallet'] }, diceOf(3)),
    new Follower(near, { types: ['Even.v1'] }, diceOf(4)),
  ];
  try {
    const end = performance.now() + RUN_MS;
    const writers = Array.from({ length: WRITERS }, (_, i) =>
      new Writer(i % 2 ? near : far, i, diceOf(100 + i)).run(end, acknowledged),
    );
    const [faults] = await Promise.all([breakThings(double, end, diceOf(9)), ...writers]);
    const log = await collect(near.readAll());
    const head = await near.head();
    for (const follower of followers) {
      await eventually('every subscriber at the head', () => {
        if (follower.failure) throw follower.failure;
        return follower.checkpoint === head;
      });
      await follower.stop();
      follower.expectComplete(log);
    }
    const logged = new Set(log.map(({ id }) => id));
    expect(logged.size).toBe(log.length);
    expect(acknowledged.filter((id) => !logged.has(id))).toEqual([]);
    const restarts = followers.reduce((sum, follower) => sum + follower.restarts, 0);
    console.log(
      `${log.length} events, 0 missing, ${faults} faults, subscriptions restarted ${restarts} times`,
    );
    expect(acknowledged.length).toBeGreaterThan(WRITERS * 10);
  } finally {
    await Promise.all(followers.map((follower) => follower.stop().catch(() => undefined)));
    await Promise.all([near.close(), far.close()]);
    await double.kill();
  }
});

/** Follows the log and now and then starts again behind its last checkpoint, as a restarted process does. */
class Follower {
  readonly seen: RecordedEvent[] = [];
  checkpoint: Position = LOG_START;
  restarts = 0;
  failure: Error | undefined;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(
    private readonly store: EventStore,
    private readonly filter: EventFilter,
    private readonly dice: Dice,
  ) {
    this.#done = this.#follow();
    this.#done.catch((error: unknown) => (this.failure = error as Error));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  expectComplete(log: readonly RecordedEvent[]): void {
    const { types, categories } = this.filter;
    const wanted = log.filter(
      ({ type, stream }) =>
        (!types || types.includes(type)) && (!categories || categories.includes(categoryOf(stream))),
    );
    expect(this.seen.map(placeOf)).toEqual(wanted.map(placeOf));
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const options = { ...this.filter, after: this.checkpoint, signal, batchSizeMax: 64 };
      for await (const message of this.store.subscribe(options)) {
        if (message.kind === 'batch') this.seen.push(...message.events);
        expect(message.checkpoint).toBeGreaterThanOrEqual(this.checkpoint);
        this.checkpoint = message.checkpoint;
        if (this.dice.chance(LEAVE_SHARE)) break;
      }
      this.restarts++;
    }
  }
}

const placeOf = ({ position, stream, revision, id }: RecordedEvent) =>
  `${position} ${stream}@${revision} ${id}`;

/** Appends to a stream of its own; whatever goes wrong, it repeats with the same ids and the same expectation. */
class Writer {
  #expected: ExpectedRevision = 'no_stream';
  #serial = 0;

  constructor(
    private readonly store: EventStore,
    private readonly number: number,
    private readonly dice: Dice,
  ) {}

  async run(end: number, acknowledged: string[]): Promise<void> {
    while (performance.now() < end) {
      await sleep(this.dice.below(PAUSE_MS_MAX));
      const batch = Array.from({ length: 1 + this.dice.below(this.dice.below(EVENTS_MAX) + 1) }, () => {
        const serial = this.#serial++;
        return event(`${this.number}/${serial}`, { type: serial % 2 === 0 ? 'Even.v1' : 'Odd.v1' });
      });
      this.#expected = await this.#confirmed(batch);
      acknowledged.push(...batch.map(({ id }) => id));
    }
  }

  async #confirmed(batch: Parameters<EventStore['append']>[1]): Promise<number> {
    const stream = `${this.number % 3 === 0 ? 'creator' : 'wallet'}-${this.number}`;
    for (;;) {
      try {
        return (await this.store.append(stream, batch, { expected: this.#expected })).revision;
      } catch (error) {
        if (!(error instanceof Error) || !FAULTS.has(error.name)) throw error;
        await sleep(RETRY_MS);
      }
    }
  }
}

const FAULTS = new Set(['StoreUnavailableError', 'AppendOutcomeUnknownError']);

/** How many faults there were. */
async function breakThings(double: EventStoreDouble, end: number, dice: Dice): Promise<number> {
  const faults: readonly (() => unknown)[] = [
    () => double.faults.dropConnections(),
    () => double.faults.endStreams(),
    () => double.faults.repeatCaughtUp(),
    () => double.faults.loseNextReply('before-commit'),
    () => double.faults.loseNextReply('after-commit'),
    () => double.restart(),
  ];
  let count = 0;
  while (performance.now() < end) {
    await sleep(dice.below(FAULT_PAUSE_MS_MAX));
    await dice.pick(faults)!();
    count++;
  }
  return count;
}
