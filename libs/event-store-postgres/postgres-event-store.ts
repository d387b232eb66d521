import type pg from 'pg';
import { checkAppend } from '#libs/event-store/check-append.js';
import { StoreUnavailableError } from '#libs/event-store/errors.js';
import { checkStart, LogHead } from '#libs/event-store/log-head.js';
import {
  BATCH_SIZE_DEFAULT,
  LOG_START,
  type AppendOptions,
  type AppendResult,
  type EventStore,
  type NewEvent,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type SubscribeOptions,
  type SubscriptionMessage,
} from '#libs/event-store/port.js';
import { AppendLane } from './append-lane.js';
import { connectAppender, connectListener, createReadPool } from './connections.js';
import { isPassing } from './failures.js';
import { GroupCommit } from './group-commit.js';
import { HeadWatch } from './head-watch.js';
import { LogReader } from './log-reader.js';
import { LogTail } from './log-tail.js';
import { SharedReads } from './shared-reads.js';
import { followLog } from './subscription.js';

export interface PostgresEventStoreOptions {
  /** `postgres://...` of the primary. Its user must be a member of `ledger_log`. */
  readonly url: string;
  /** Batches on their way at once, each on a connection of its own. Default 2. */
  readonly maxBatchesInFlight?: number;
  /** A batch is full at this many events: more are quicker in all, fewer let a single append through sooner. */
  readonly batchEventsMax?: number;
  /** Connections for reading. Default 4. */
  readonly readConnectionsMax?: number;
  /** One page of events without an answer for so long is asked for again, milliseconds. Default 10,000. */
  readonly readTimeoutMs?: number;
  /** An append without an answer for so long has an unknown outcome, milliseconds. Default 10,000. */
  readonly appendTimeoutMs?: number;
  /** How often the head is asked for in case a notification got lost, milliseconds. Default 2,000. */
  readonly pollMs?: number;
}

const DEFAULTS = {
  maxBatchesInFlight: 2,
  batchEventsMax: 256,
  readConnectionsMax: 4,
  readTimeoutMs: 10_000,
  appendTimeoutMs: 10_000,
  pollMs: 2_000,
} as const;
/** Bounds what one batch holds in memory, here and in Postgres. */
const BATCH_UNITS_MAX = 2 * 1024 * 1024;
const TAIL_LIMITS = { events: 20_000, units: 16 * 1024 * 1024 } as const;

/**
 * Opens the log in schema `log`, which `migrateEventStore` has made.
 * @throws NotDurableError when Postgres could lose acknowledged events, or is a standby
 * @throws StoreUnavailableError when it cannot be reached
 */
export async function openPostgresEventStore(options: PostgresEventStoreOptions): Promise<EventStore> {
  const settings = { ...DEFAULTS, ...options };
  const pool = createReadPool(settings.url, settings.readConnectionsMax, settings.readTimeoutMs);
  const lanes = Array.from(
    { length: settings.maxBatchesInFlight },
    () =>
      new AppendLane(() => connectAppender(settings.url, settings.appendTimeoutMs), settings.appendTimeoutMs),
  );
  const store = new PostgresEventStore({ pool, lanes, settings });
  try {
    await store.start();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

type Settings = Required<PostgresEventStoreOptions>;

class PostgresEventStore implements EventStore {
  #logId = '';
  readonly #head = new LogHead();
  readonly #tail = new LogTail(TAIL_LIMITS);
  readonly #reader: LogReader;
  readonly #shared: SharedReads;
  readonly #commit: GroupCommit;
  readonly #watch: HeadWatch;
  readonly #pool: pg.Pool;
  readonly #lanes: readonly AppendLane[];
  #closing: Promise<void> | undefined;

  constructor({
    pool,
    lanes,
    settings,
  }: {
    pool: pg.Pool;
    lanes: readonly AppendLane[];
    settings: Settings;
  }) {
    this.#pool = pool;
    this.#lanes = lanes;
    this.#reader = new LogReader(pool);
    this.#shared = new SharedReads({ head: this.#head, tail: this.#tail, reader: this.#reader });
    this.#watch = new HeadWatch({
      head: this.#head,
      connect: () => connectListener(settings.url),
      readHead: () => this.#reader.head(),
      isOwn: (processId) => lanes.some((lane) => lane.processId === processId),
      retreated: () => this.#tail.clear(),
      pollMs: settings.pollMs,
    });
    this.#commit = new GroupCommit({
      lanes,
      limits: { events: settings.batchEventsMax, units: BATCH_UNITS_MAX },
      written: (position) => this.#head.advance(position),
      keep: (after, events) => this.#tail.add(after, events),
      isKeeping: () => this.#shared.hasSubscribers,
      inDoubt: () => this.#watch.refresh(),
    });
  }

  get logId(): string {
    return this.#logId;
  }

  /** The first failure is the caller's to see; later ones mend themselves. */
  async start(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.open())).catch(unwrapRefusal);
    const { rows } = await this.#pool.query<{ log_id: string }>('select log_id from log.identity');
    this.#logId = rows[0]!.log_id;
    this.#head.advance(await this.#reader.head());
    await this.#watch.start();
  }

  append(stream: string, events: readonly NewEvent[], options: AppendOptions): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      const units = checkAppend(stream, events, options);
      const base = options.expected === 'no_stream' ? -1 : options.expected;
      this.#commit.append({ stream, events, base, units, bulk: options.bulk === true, resolve, reject });
    });
  }

  async *readStream(
    stream: string,
    options: ReadStreamOptions = {},
  ): AsyncGenerator<readonly RecordedEvent[]> {
    let from = options.from ?? 0;
    let left = options.maxCount ?? Infinity;
    while (left > 0) {
      const countMax = Math.min(left, BATCH_SIZE_DEFAULT);
      const page = await this.#read(() => this.#reader.readStream(stream, from, countMax));
      if (page.length > 0) yield page;
      if (page.length < countMax) return;
      from += page.length;
      left -= page.length;
    }
  }

  async *readAll(options: ReadAllOptions = {}): AsyncGenerator<readonly RecordedEvent[]> {
    let after = options.after ?? LOG_START;
    let left = options.maxCount ?? Infinity;
    const upTo = await this.head();
    checkStart(after, upTo);
    while (left > 0 && after < upTo) {
      const range = { after, upTo, countMax: Math.min(left, BATCH_SIZE_DEFAULT) };
      const page = await this.#read(() => this.#reader.readLog(range));
      if (page.length > 0) yield page;
      if (page.length < range.countMax) return;
      after = page.at(-1)!.position;
      left -= page.length;
    }
  }

  async *subscribe(options: SubscribeOptions): AsyncGenerator<SubscriptionMessage> {
    if (this.#closing) throw new StoreUnavailableError('The event store is closed.');
    const parts = { head: this.#head, tail: this.#tail, reader: this.#reader, shared: this.#shared };
    yield* followLog(parts, options);
  }

  head(): Promise<Position> {
    return this.#read(() => this.#reader.head());
  }

  now(): Promise<number> {
    return this.#read(() => this.#reader.now());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#head.close();
    await this.#commit.close();
    await this.#watch.close();
    await this.#pool.end();
  }

  /** @throws StoreUnavailableError when the server is away; other errors as they are. */
  async #read<T>(read: () => Promise<T>): Promise<T> {
    if (this.#closing) throw new StoreUnavailableError('The event store is closed.');
    try {
      return await read();
    } catch (cause) {
      if (!isPassing(cause)) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new StoreUnavailableError(`The event store could not be read: ${reason}`, { cause });
    }
  }
}

/** What was wrong with the server says more than that it could not be used. */
function unwrapRefusal(error: unknown): never {
  if (error instanceof StoreUnavailableError && error.cause instanceof Error && !isPassing(error.cause)) {
    throw error.cause;
  }
  throw error;
}
