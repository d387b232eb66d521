import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import pg from 'pg';
import type { PendingAppend } from '#libs/event-store-postgres/append-queue.js';
import { BatchEncoder } from '#libs/event-store-postgres/batch-encoder.js';
import { LOG_ROLE } from '#libs/event-store-postgres/connections.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { categoryOf } from '#libs/event-store/filter.js';
import { event, eventually, namesOf } from '#libs/event-store/conformance/harness.js';
import {
  LOG_START,
  type EventFilter,
  type EventStore,
  type Position,
  type RecordedEvent,
} from '#libs/event-store/port.js';
import { createLogDatabase } from '#test/conformance/log-database.js';
import { printedSeed } from '#test/support/property.js';

/** Guarantee G6 in its everyday form; the run before a release takes 60 s. */
const RUN_MS = Number(process.env['G6_RUN_MS'] ?? 20_000);
const WRITERS = 16;
const STREAMS_PER_WRITER = 3;
const EVENTS_MAX = 4;
const ROLLBACK_SHARE = 0.05;
const DELAY_BEFORE_COMMIT_MS_MAX = 12;
const DELAY_BEFORE_APPEND_MS_MAX = 40;
const CATCH_UP_MS_MAX = 15_000;
const SEED = printedSeed('G6, a subscriber skips nothing', 1);

type Random = () => number;

/** What a writer was told is committed, by stream in order. */
type Acknowledged = Map<string, string[]>;

jest.setTimeout(RUN_MS + 2 * CATCH_UP_MS_MAX);

test(`G6: a subscriber skips nothing (${WRITERS} writers, ${RUN_MS} ms, seed ${SEED})`, async () => {
  const database = await createLogDatabase();
  const near = await openPostgresEventStore({ url: database.url });
  const far = await openPostgresEventStore({ url: database.url });
  const acknowledged: Acknowledged = new Map();
  const followers = [
    new Follower(near, {}, randomOf(SEED + 1)),
    new Follower(far, {}, randomOf(SEED + 2)),
    new Follower(far, { categories: ['wallet'] }, randomOf(SEED + 3)),
    new Follower(near, { types: ['Even.v1'] }, randomOf(SEED + 4)),
  ];
  try {
    const end = performance.now() + RUN_MS;
    const writers = Array.from({ length: WRITERS }, (_, i) =>
      // Half of them hold their transaction open, as the store never would; half go through two stores.
      i % 2 === 0
        ? writeSlowly(database.url, i, end, acknowledged)
        : writeThrough(i % 4 === 1 ? near : far, i, end, acknowledged),
    );
    await Promise.all(writers);
    const head = await near.head();
    for (const follower of followers) {
      await eventually('every subscriber at the head', () => follower.checkpoint === head);
      await follower.stop();
      expectComplete(follower, acknowledged);
    }
    const total = [...acknowledged.values()].reduce((sum, names) => sum + names.length, 0);
    const restarts = followers.reduce((sum, follower) => sum + follower.restarts, 0);
    console.log(`${total} events acknowledged, 0 missing, subscriptions restarted ${restarts} times`);
    expect(head).toBe(BigInt(total));
    expect(total).toBeGreaterThan(WRITERS * 10);
  } finally {
    await Promise.all(followers.map((follower) => follower.stop()));
    await Promise.all([near.close(), far.close()]);
    await database.drop();
  }
});

/** Follows the log and now and then starts again behind its last checkpoint, as a restarted process does. */
class Follower {
  readonly seen: RecordedEvent[] = [];
  checkpoint: Position = LOG_START;
  restarts = 0;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(
    private readonly store: EventStore,
    readonly filter: EventFilter,
    private readonly random: Random,
  ) {
    this.#done = this.#follow();
    this.#done.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const options = { ...this.filter, after: this.checkpoint, signal, batchSizeMax: 64 };
      for await (const message of this.store.subscribe(options)) {
        if (message.kind === 'batch') this.seen.push(...message.events);
        expect(message.checkpoint).toBeGreaterThanOrEqual(this.checkpoint);
        this.checkpoint = message.checkpoint;
        if (this.random() < 0.01) break;
      }
      this.restarts++;
    }
  }
}

function expectComplete({ seen, filter }: Follower, acknowledged: Acknowledged): void {
  for (let i = 1; i < seen.length; i++) expect(seen[i]!.position > seen[i - 1]!.position).toBe(true);
  for (const [stream, names] of acknowledged) {
    const wanted =
      filter.categories && !filter.categories.includes(categoryOf(stream))
        ? []
        : names.filter((name) => !filter.types || filter.types.includes(typeOf(name)));
    expect(namesOf(seen.filter((one) => one.stream === stream))).toEqual(wanted);
  }
  const wantedTotal = [...acknowledged.keys()].length;
  expect(new Set(seen.map((one) => one.stream)).size).toBeLessThanOrEqual(wantedTotal);
}

/** Appends in explicit transactions: a delay before commit, and 5 % of them roll back. */
async function writeSlowly(url: string, writer: number, end: number, told: Acknowledged): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`set role ${LOG_ROLE}`);
  const plan = planOf(writer, told);
  try {
    while (performance.now() < end) {
      const { stream, events, base, random } = plan.next();
      await sleep(random() * DELAY_BEFORE_APPEND_MS_MAX);
      await client.query('begin');
      const nothing = () => undefined;
      const append: PendingAppend = {
        stream,
        events,
        base,
        units: 4_096,
        bulk: false,
        resolve: nothing,
        reject: nothing,
      };
      await client.query({
        name: 'append',
        text: 'select firsts from log.append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9)',
        values: new BatchEncoder().encode([append]),
      });
      await sleep(random() * DELAY_BEFORE_COMMIT_MS_MAX);
      const keep = random() >= ROLLBACK_SHARE;
      await client.query(keep ? 'commit' : 'rollback');
      if (keep) plan.acknowledge();
    }
  } finally {
    await client.end();
  }
}

async function writeThrough(store: EventStore, writer: number, end: number, told: Acknowledged) {
  const plan = planOf(writer, told);
  while (performance.now() < end) {
    const { stream, events, base, random } = plan.next();
    await sleep(random() * DELAY_BEFORE_APPEND_MS_MAX);
    await store.append(stream, events, { expected: base < 0 ? 'no_stream' : base });
    plan.acknowledge();
  }
}

/** What a writer appends next; its streams are its own. */
function planOf(writer: number, told: Acknowledged) {
  const random = randomOf(SEED + 100 + writer);
  let serial = 0;
  let current: { stream: string; names: string[] };
  return {
    next() {
      const number = Math.floor(random() * STREAMS_PER_WRITER);
      const stream = `${number === 0 ? 'creator' : 'wallet'}-${writer}-${number}`;
      const count = 1 + Math.floor(random() * EVENTS_MAX);
      const names = Array.from({ length: count }, () => `${writer}/${serial++}`);
      const events = names.map((name) => event(name, { type: typeOf(name) }));
      current = { stream, names };
      return { stream, events, random, base: (told.get(stream)?.length ?? 0) - 1 };
    },
    acknowledge() {
      told.set(current.stream, [...(told.get(current.stream) ?? []), ...current.names]);
    },
  };
}

function typeOf(name: string): string {
  return Number(name.split('/')[1]) % 2 === 0 ? 'Even.v1' : 'Odd.v1';
}

/** mulberry32 */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
