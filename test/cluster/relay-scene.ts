import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import type { EventStore } from '#libs/event-store/port.js';
import { runRelay } from '#libs/messaging/relay/relay.js';
import type { RelayStatus } from '#libs/messaging/relay/relay-status.js';
import { createLogger } from '#libs/platform/logging.js';
import type { TestKafka } from '#test/support/components/kafka.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';
import { type LedgerProcess, startLedgerProcess } from '#test/support/ledger-process.js';
import { LedgerTraffic } from '#test/support/event-generator.js';
import { countOf, type Heard, hearByHighWater, publicEventsOf } from '#test/support/messaging/high-water.js';
import { readEventTopics } from '#test/support/messaging/topic-reader.js';

export const PATIENCE_MS = 90_000;
const POLL_MS = 25;
const PARTITIONS = 3;
/** What creators earn is settled in one append a creator, which has its bounds. */
const CHARGES_SETTLED_MAX = 1_000;
/** Of the writer that goes on beside the faults: some hundred events a second. */
const CHARGES_AT_ONCE = 20;
const PAUSE_OF_WRITER_MS = 50;

export interface RunningRelay {
  status(): RelayStatus;
  /** What it ends with. */
  readonly ended: Promise<void>;
  /** Ends it and throws what it ended with. */
  stop(): Promise<void>;
}

/** A log of generated traffic in a Postgres of its own, beside topics of its own. */
export class RelayScene {
  readonly traffic: LedgerTraffic;
  readonly #relays = new Set<RunningRelay>();

  private constructor(
    readonly database: TestDatabase,
    readonly store: EventStore,
    readonly kafka: TestKafka,
  ) {
    this.traffic = new LedgerTraffic(store, { seed: 5, users: 20, chargesPerAppend: 20 });
  }

  static async open(kafka: TestKafka): Promise<RelayScene> {
    const database = await createTestDatabase({ name: 'ledger', prepare: migrateAll });
    const store = await openPostgresEventStore({ url: database.url });
    const scene = new RelayScene(database, store, kafka);
    await scene.traffic.openAll(60_000_000_000n);
    return scene;
  }

  /** `count` charges with what creators earn by them: about one and a half events each. */
  async charge(count: number): Promise<void> {
    for (let done = 0; done < count; done += CHARGES_SETTLED_MAX) {
      await this.traffic.charge(Math.min(CHARGES_SETTLED_MAX, count - done));
    }
  }

  /** Runs a relay in this process until it is stopped. */
  start(): RunningRelay {
    const end = new AbortController();
    let ask: (() => RelayStatus) | undefined;
    const done = runRelay({
      kafka: { ...this.kafkaConfig(), tls: false },
      databaseUrl: this.database.url,
      store: this.store,
      log: createLogger({ level: 'fatal', name: 'relay' }),
      signal: end.signal,
      onStatus: (status) => (ask = status),
    });
    // Whoever stops it is told; until then it may have failed.
    done.catch(() => undefined);
    const relay = {
      status: () => ask!(),
      ended: done,
      stop: async () => {
        this.#relays.delete(relay);
        end.abort();
        await done;
      },
    };
    this.#relays.add(relay);
    return relay;
  }

  kafkaConfig() {
    return { brokers: this.kafka.brokers, topicPrefix: this.kafka.prefix, partitions: PARTITIONS };
  }

  private environment(): Readonly<Record<string, string>> {
    return {
      DATABASE_URL: this.database.url,
      KAFKA_BROKERS: this.kafka.brokers.join(','),
      KAFKA_TOPIC_PREFIX: this.kafka.prefix,
      KAFKA_PARTITIONS: String(PARTITIONS),
      ROLES: 'relay',
    };
  }

  /** The checkpoint as it is in Postgres. */
  async checkpoint(): Promise<{ readonly position: bigint; readonly epoch: number } | undefined> {
    const { rows } = await this.query<{ position: string; epoch: string }>(
      'select position::text, epoch::text from messaging.relays where topic_prefix = $1',
      [this.kafka.prefix],
    );
    const [row] = rows;
    return row && { position: BigInt(row.position), epoch: Number(row.epoch) };
  }

  async query<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[],
  ): Promise<pg.QueryResult<Row>> {
    const client = new pg.Client({ connectionString: this.database.url });
    await client.connect();
    try {
      return await client.query<Row>(text, [...values]);
    } finally {
      await client.end();
    }
  }

  /** Appends events until it is stopped; how many charges it made. */
  write(): { stop(): Promise<number> } {
    let going = true;
    let charges = 0;
    const written = (async () => {
      for (; going; charges += CHARGES_AT_ONCE) {
        await this.traffic.charge(CHARGES_AT_ONCE);
        await sleep(PAUSE_OF_WRITER_MS);
      }
      return charges;
    })();
    // Told by stop.
    written.catch(() => undefined);
    return {
      stop: () => {
        going = false;
        return written;
      },
    };
  }

  /** A relay as a process of its own, which has to be ended before the scene is closed. */
  process(): Promise<LedgerProcess> {
    return startLedgerProcess(this.environment());
  }

  /** Until the checkpoint has reached the head of the log. */
  async published(patienceMs: number = PATIENCE_MS): Promise<void> {
    const head = await this.store.head();
    await until(async () => ((await this.checkpoint())?.position ?? 0n) >= head, {
      what: `the relay to reach ${head}`,
      patienceMs,
    });
  }

  /** Reads the topics as consumers are told to, and expects every public event of the log once, in order. */
  async expectComplete(): Promise<Heard> {
    const heard = hearByHighWater(await readEventTopics(this.kafka));
    const told = await publicEventsOf(this.store);
    expect(countOf(heard.kept)).toBe(countOf(told));
    expect(new Map([...heard.kept].sort())).toEqual(new Map([...told].sort()));
    return heard;
  }

  /** The same log, beside other topics. */
  besides(prefix: string): RelayScene {
    const place = { ...this.kafka, prefix: `${this.kafka.prefix}${prefix}` };
    return new RelayScene(this.database, this.store, place);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#relays].map((relay) => relay.stop().catch(() => undefined)));
    await this.store.close();
    await this.database.drop();
  }
}

export async function until(
  condition: () => boolean | Promise<boolean>,
  { what, patienceMs = PATIENCE_MS }: { readonly what: string; readonly patienceMs?: number },
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited ${patienceMs} ms in vain for ${what}.`);
    await sleep(POLL_MS);
  }
}
