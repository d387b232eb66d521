import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { BatchEncoder } from '#libs/event-store-postgres/batch-encoder.js';
import { LOG_ROLE } from '#libs/event-store-postgres/connections.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import type { EventStore, ExpectedRevision, NewEvent } from '#libs/event-store/port.js';

export interface BenchStoreOptions {
  /** A database whose log is migrated and may be filled. */
  readonly url: string;
  /** Appends in flight. Default 1, 16 and 64. */
  readonly inFlight?: readonly number[];
  /** Alternating rounds, at least 5 for figures that are to be quoted. Default 5. */
  readonly rounds?: number;
  /** Each side of each round, milliseconds. Default 1,500. */
  readonly roundMs?: number;
  readonly maxBatchesInFlight?: number;
}

/** One line of output. Rates are events per second; a spread is the lowest and the highest round. */
export interface BenchStoreResult {
  readonly bench: 'append';
  readonly inFlight: number;
  readonly rounds: number;
  readonly eventBytes: number;
  /** The group-commit store, one event an append. */
  readonly store: Figures & { readonly batchMean: number; readonly cpuMicrosPerEvent: number };
  /** A plain loop of the driver: batches of the store's mean size under the same lock and fsync, one after another. */
  readonly loop: Figures & { readonly batch: number };
  /** Median of store / loop over the rounds. */
  readonly ratio: number;
  readonly ratioSpread: readonly [number, number];
  readonly node: string;
  readonly postgres: string;
  readonly settings: Readonly<Record<string, string>>;
}

interface Figures {
  readonly eventsPerSecond: number;
  readonly spread: readonly [number, number];
  /** Of one append, or of one batch of the loop. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Round {
  readonly eventsPerSecond: number;
  readonly latenciesMs: readonly number[];
  readonly batchMean: number;
  readonly cpuMicrosPerEvent: number;
}

/** Streams are many and warm: each append goes to another one, as charges of many wallets do. */
const STREAMS = 5_000;
const DATA = JSON.stringify({
  runId: 'run-0123456789abcdef0123456789',
  model: 'gpt-4',
  total: '123456',
  draws: Array.from({ length: 6 }, (_, i) => ({ lot: `lot-${i}`, kind: 'monthly', amount: `1000${i}` })),
  filler: 'y'.repeat(300),
});
const METADATA = JSON.stringify({ key: 'k'.repeat(40), bodyHash: 'a'.repeat(64), principal: 'local' });
const SETTINGS = ['fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'shared_buffers'];

/** Store and plain loop in alternating rounds, so that a noisy machine hits both. */
export async function benchStore(options: BenchStoreOptions): Promise<BenchStoreResult[]> {
  const { inFlight = [1, 16, 64], rounds = 5, roundMs = 1_500 } = options;
  const batches = options.maxBatchesInFlight;
  const store = await openPostgresEventStore({
    url: options.url,
    ...(batches === undefined ? {} : { maxBatchesInFlight: batches }),
  });
  const loop = await PlainLoop.open(options.url);
  try {
    const writer = new StoreWriter(store, loop.client);
    const results: BenchStoreResult[] = [];
    for (const count of inFlight) {
      const { batchMean } = await writer.run(count, roundMs / 2);
      await loop.run(Math.round(batchMean), roundMs / 2);
      const pairs: [Round, Round][] = [];
      let batch = Math.max(1, Math.round(batchMean));
      for (let round = 0; round < rounds; round++) {
        const ours = await writer.run(count, roundMs);
        batch = Math.max(1, Math.round(ours.batchMean));
        pairs.push([ours, await loop.run(batch, roundMs)]);
      }
      results.push(await resultOf(count, batch, pairs, loop.client));
    }
    return results;
  } finally {
    await store.close();
    await loop.client.end();
  }
}

class StoreWriter {
  readonly #revisions = new Map<string, ExpectedRevision>();
  readonly #prefix = randomUUID().slice(0, 8);
  #next = 0;

  constructor(
    private readonly store: EventStore,
    private readonly observer: pg.Client,
  ) {}

  async run(inFlight: number, ms: number): Promise<Round> {
    const latenciesMs: number[] = [];
    const firstTransaction = await this.#transaction();
    const cpu = process.cpuUsage();
    const start = performance.now();
    const end = start + ms;
    const one = async (): Promise<void> => {
      while (performance.now() < end) {
        const stream = `wallet-${this.#prefix}-${this.#next++ % STREAMS}`;
        const before = performance.now();
        const { revision } = await this.store.append(stream, [newEvent()], {
          expected: this.#revisions.get(stream) ?? 'no_stream',
        });
        this.#revisions.set(stream, revision);
        latenciesMs.push(performance.now() - before);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, one));
    const elapsedMs = performance.now() - start;
    const used = process.cpuUsage(cpu);
    const count = latenciesMs.length;
    return {
      eventsPerSecond: (count / elapsedMs) * 1_000,
      latenciesMs,
      batchMean: count / ((await this.#transaction()) - firstTransaction - 1),
      cpuMicrosPerEvent: (used.user + used.system) / count,
    };
  }

  /** Takes a transaction id: each batch between two calls has taken one. */
  async #transaction(): Promise<number> {
    const { rows } = await this.observer.query<{ id: string }>('select pg_current_xact_id()::text as id');
    return Number(rows[0]!.id);
  }
}

/** What a careful driver does without a store: arrays in binary form, one prepared insert, lock and fsync. */
class PlainLoop {
  readonly #encoder = new BatchEncoder();
  readonly #prefix = randomUUID().slice(0, 8);
  readonly #revisions = new Map<string, number>();
  #next = 0;

  private constructor(readonly client: pg.Client) {}

  static async open(url: string): Promise<PlainLoop> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`set role ${LOG_ROLE}`);
    return new PlainLoop(client);
  }

  async run(batch: number, ms: number): Promise<Round> {
    const latenciesMs: number[] = [];
    const cpu = process.cpuUsage();
    const start = performance.now();
    while (performance.now() < start + ms) {
      const before = performance.now();
      await this.#insert(Math.max(1, batch));
      latenciesMs.push(performance.now() - before);
    }
    const elapsedMs = performance.now() - start;
    const used = process.cpuUsage(cpu);
    const count = latenciesMs.length * Math.max(1, batch);
    return {
      eventsPerSecond: (count / elapsedMs) * 1_000,
      latenciesMs,
      batchMean: batch,
      cpuMicrosPerEvent: (used.user + used.system) / count,
    };
  }

  async #insert(batch: number): Promise<void> {
    const nothing = () => undefined;
    const appends = Array.from({ length: batch }, () => {
      const stream = `loop-${this.#prefix}-${this.#next++ % STREAMS}`;
      const base = this.#revisions.get(stream) ?? -1;
      this.#revisions.set(stream, base + 1);
      const units = DATA.length + METADATA.length;
      return { stream, base, units, events: [newEvent()], bulk: false, resolve: nothing, reject: nothing };
    });
    const values = this.#encoder.encode(appends).slice(3);
    await this.client.query({ name: 'plain-loop', text: PLAIN_INSERT, values });
  }
}

const PLAIN_INSERT = `
  with locked as materialized (select log.lock_appends())
  insert into log.events (position, recorded_at, revision, id, stream, type, data, metadata)
  select
    coalesce((select e.position from log.events e order by e.position desc limit 1), 0) + n.ordinal,
    clock_timestamp(), n.revision, n.id, n.stream, n.type, n.data, n.metadata
  from locked, unnest($1::text[], $2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[])
    with ordinality as n (stream, revision, id, type, data, metadata, ordinal)`;

function newEvent(): NewEvent {
  return { id: randomUUID(), type: 'PromptCharged.v1', data: DATA, metadata: METADATA };
}

async function resultOf(
  inFlight: number,
  batch: number,
  pairs: readonly [Round, Round][],
  client: pg.Client,
): Promise<BenchStoreResult> {
  const ours = pairs.map(([round]) => round);
  const loops = pairs.map(([, round]) => round);
  const ratios = pairs.map(([store, loop]) => store.eventsPerSecond / loop.eventsPerSecond);
  const settings: Record<string, string> = {};
  for (const name of SETTINGS) {
    const { rows } = await client.query<{ value: string }>('select current_setting($1) as value', [name]);
    settings[name] = rows[0]!.value;
  }
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  return {
    bench: 'append',
    inFlight,
    rounds: pairs.length,
    eventBytes: Buffer.byteLength(DATA) + Buffer.byteLength(METADATA),
    store: {
      ...figuresOf(ours),
      batchMean: rounded(median(ours.map((round) => round.batchMean))),
      cpuMicrosPerEvent: rounded(median(ours.map((round) => round.cpuMicrosPerEvent))),
    },
    loop: { ...figuresOf(loops), batch },
    ratio: rounded(median(ratios)),
    ratioSpread: [rounded(Math.min(...ratios)), rounded(Math.max(...ratios))],
    node: process.version,
    postgres: rows[0]!.server_version,
    settings,
  };
}

function figuresOf(rounds: readonly Round[]): Figures {
  const rates = rounds.map((round) => round.eventsPerSecond);
  const latencies = rounds.flatMap((round) => round.latenciesMs).sort((a, b) => a - b);
  const at = (share: number) => rounded(latencies[Math.floor((latencies.length - 1) * share)]!);
  return {
    eventsPerSecond: Math.round(median(rates)),
    spread: [Math.round(Math.min(...rates)), Math.round(Math.max(...rates))],
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

async function main(): Promise<void> {
  const url = process.argv[2] ?? process.env['DATABASE_URL'];
  if (url === undefined) throw new Error('Give the address of a database: bench-store postgres://...');
  for (const result of await benchStore({ url })) console.log(JSON.stringify(result));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
