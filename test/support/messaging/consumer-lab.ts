import pg from 'pg';
import { randomUUID } from 'node:crypto';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { encodeMetadata } from '#libs/contracts/metadata.js';
import type { PublicEventOf } from '#libs/contracts/public/public-event.js';
import { encodeEvent } from '#libs/contracts/stored-events.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import type { EventStore, NewEvent } from '#libs/event-store/port.js';
import { RunId } from '#libs/kernel/ids.js';
import type { Consumer } from '#libs/messaging/consumer.js';
import { logSource } from '#libs/messaging/log-source.js';
import type { RetryPolicy } from '#libs/messaging/retry-policy.js';
import { runConsumer, type RunConsumerOptions } from '#libs/messaging/run-consumer.js';
import type { MessageSource } from '#libs/messaging/source.js';
import type { ConsumerStatus } from '#libs/messaging/status.js';
import { createLogger } from '#libs/platform/logging.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';
import { charged, logged } from '#test/support/logged-event.js';

export const CONSUMER = 'test-effects';
const PATIENCE_MS = 30_000;
const POLL_MS = 20;

/** Short pauses: three tries within a second. */
export const HASTY: RetryPolicy = { delayMs: 20, delayMsMax: 100, triesMax: 3 };

export type RunEvent = PublicEventOf<'promptflow.prompt.charged.v1'>;

export interface Effect {
  readonly stream: string;
  readonly run: string;
}

/** A consumer at work in this process. */
export interface AtWork {
  readonly status: () => ConsumerStatus;
  /** What the consumer ended with, when it has ended by itself. */
  readonly ended: Promise<unknown>;
  /** Graceful. */
  stop(): Promise<void>;
}

/** A log in a database of its own, runs to be charged in it, and a consumer whose effects can be counted. */
export class ConsumerLab {
  private readonly revisions = new Map<string, number>();
  private readonly atWork = new Set<AtWork>();

  private constructor(
    readonly database: TestDatabase,
    readonly store: EventStore,
    readonly pool: pg.Pool,
  ) {}

  static async open(): Promise<ConsumerLab> {
    const database = await createTestDatabase({ name: 'consumers', prepare: migrateAll });
    const pool = new pg.Pool({ connectionString: database.url });
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    // No unique key: whatever happens twice is seen.
    await pool.query(
      `create table effects (number bigint primary key generated always as identity, stream text, run text)`,
    );
    return new ConsumerLab(database, await openPostgresEventStore({ url: database.url }), pool);
  }

  async close(): Promise<void> {
    // A failed test leaves its consumers at work.
    await Promise.allSettled([...this.atWork].map((each) => each.stop()));
    await this.store.close();
    await this.pool.end();
    await this.database.drop();
  }

  /** Appends charges to a user's wallet; the run's name tells them apart. */
  async charge(user: string, ...runs: readonly string[]): Promise<void> {
    const stream = `wallet-${user}`;
    const revision = this.revisions.get(stream);
    await this.store.append(stream, runs.map(runEvent), { expected: revision ?? 'no_stream' });
    this.revisions.set(stream, (revision ?? -1) + runs.length);
  }

  /** Counts itself among the effects. `before` may throw, and see how the run is named. */
  consumer(before: (event: RunEvent, tx: pg.ClientBase) => Promise<void> | void = () => undefined): Consumer {
    return {
      name: CONSUMER,
      types: ['promptflow.prompt.charged.v1'],
      handle: async (event, tx) => {
        if (event.type !== 'promptflow.prompt.charged.v1') throw new Error(`Nobody asked for ${event.type}.`);
        await tx.query('insert into effects (stream, run) values ($1, $2)', [event.stream, event.data.runId]);
        await before(event, tx);
        return 'done';
      },
    };
  }

  start(
    consumer: Consumer,
    {
      source = logSource({ store: this.store }),
      ...options
    }: Partial<Pick<RunConsumerOptions, 'policy' | 'handlerMsMax' | 'store'>> & {
      source?: MessageSource;
    } = {},
  ): AtWork {
    const stop = new AbortController();
    let status: (() => ConsumerStatus) | undefined;
    const running = runConsumer({
      ...{ consumer, source, policy: HASTY, store: this.store, databaseUrl: this.database.url },
      ...options,
      log: createLogger({ level: 'error', name: 'test', destination: { write: () => undefined } }),
      signal: stop.signal,
      onStarted: (ask) => (status = ask),
    });
    const ended = running.catch((error: unknown) => error);
    const work: AtWork = {
      status: () => status!(),
      ended,
      stop: async () => {
        stop.abort();
        await running;
      },
    };
    this.atWork.add(work);
    return work;
  }

  async effects(): Promise<readonly Effect[]> {
    const { rows } = await this.pool.query<Effect>('select stream, run from effects order by number');
    return rows;
  }

  /** Runs of one user in the order of their effects. */
  async runsOf(user: string): Promise<readonly string[]> {
    return (await this.effects()).filter(({ stream }) => stream === `wallet-${user}`).map(({ run }) => run);
  }
}

/** A charged run as it is stored. */
export function runEvent(run: string): NewEvent {
  const event = { ...charged, runId: RunId.of(run) };
  return { id: randomUUID(), ...encodeEvent(event), metadata: encodeMetadata(logged(event).metadata) };
}

/** Waits until `check` does not throw any more. */
export async function eventually(check: () => Promise<void> | void, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
