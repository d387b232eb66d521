import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import type { EventStore, Position } from '#libs/event-store/port.js';
import { Cluster } from '#test/support/cluster/cluster.js';
import { openClusterParts } from '#test/support/cluster/parts.js';
import { startRole } from '#test/support/cluster/programs.js';
import { testKafka } from '#test/support/components/kafka.js';
import { createTestDatabase } from '#test/support/components/postgres.js';
import { LedgerTraffic } from '#test/support/event-generator.js';
import { startBareServer, startBenchEngine } from './bench-engine.js';
import { benchChargeHttp } from './bench-charge.js';
import { benchEventStoreDb } from './bench-eventstoredb.js';
import { type EffectDelay, measureEffectDelay, startReceiver } from './effect-delay.js';
import { median, rounded, spread } from './statistics.js';

type Line = Record<string, unknown>;

/** Never called by the name of the real one. */
const LOG = process.env['EVENTSTORE_URL'] ? 'EVENTSTORE_URL' : 'protocol double';
const DELAY = { chargesPerSecond: 500, durationMs: 20_000 } as const;
const RELAY_CHARGES = 60_000;
const RELAY_ROUNDS = 3;
const CHARGES_PER_SETTLING = 1_000;
const AT_ONCE = 64;
const POLL_MS = 5;

/**
 * A whole cluster on this machine, every role a process, beside the embedded engine in the same run. One line a
 * figure: charges beside the bare client, appends beside the bare client, the relay, the delay until a worker has acted.
 */
export async function benchCluster(): Promise<Line[]> {
  const label = { bench: 'cluster', log: LOG };
  const lines: Line[] = [];
  lines.push({ ...label, measure: 'append', ...(await appends()) });
  lines.push({ ...label, measure: 'relay', ...(await relays()) });
  lines.push(
    ...(await charges()).map((line) => ({ ...label, measure: 'charge-http', ...line, bench: 'cluster' })),
  );
  const embedded = await delayEmbedded();
  lines.push({ ...label, measure: 'delay', ...(await delayOnCluster()), embedded });
  return lines;
}

/** The adapter beside the client alone, on either of its paths. */
async function appends(): Promise<Line> {
  const [line] = await benchEventStoreDb({ inFlight: [AT_ONCE], eventsPerAppend: [1] });
  if (line === undefined) throw new Error('The bench of the adapter gave no line.');
  const { bench: _, server: _server, ...result } = line;
  return result;
}

/** Charges over HTTP through the api, beside a bare server that has the client append the same events. */
async function charges(): Promise<Line[]> {
  const cluster = await Cluster.start();
  const bare = await startBareServer(cluster.environment);
  try {
    return await benchChargeHttp(cluster, bare);
  } finally {
    await bare.stop();
    await cluster.close();
  }
}

async function delayOnCluster(): Promise<EffectDelay> {
  const receiver = await startReceiver();
  const cluster = await Cluster.start({ env: { WEBHOOK_ALLOWED_HOSTS: receiver.host } });
  try {
    const place = { url: cluster.url, databaseUrl: cluster.database.url };
    return await measureEffectDelay(place, receiver, DELAY);
  } finally {
    await cluster.close();
    await receiver.close();
  }
}

async function delayEmbedded(): Promise<EffectDelay> {
  const receiver = await startReceiver();
  const engine = await startBenchEngine({ WEBHOOK_ALLOWED_HOSTS: receiver.host });
  try {
    return await measureEffectDelay(engine, receiver, DELAY);
  } finally {
    await engine.stop();
    await receiver.close();
  }
}

/** Events a second from a full log to acknowledged messages, by a relay started for it; beside a log in Postgres. */
async function relays(): Promise<Line> {
  const database = await createTestDatabase();
  const beside = await createTestDatabase();
  await migrateAll(database.url, { logElsewhere: true });
  await migrateAll(beside.url);
  const parts = await openClusterParts();
  const store = await parts.openStore();
  const postgres = await openPostgresEventStore({ url: beside.url });
  try {
    const events = await fill(store);
    await fill(postgres);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < RELAY_ROUNDS; round++) {
      // Other topics each time: for them the log is new.
      const kafka = await testKafka();
      const topics = {
        KAFKA_BROKERS: kafka.brokers.join(),
        KAFKA_TOPIC_PREFIX: kafka.prefix,
        KAFKA_PARTITIONS: '6',
      };
      const onCluster = { ...parts.env, ...topics, DATABASE_URL: database.url };
      ours.push(events / (await relaySeconds(onCluster, await store.head())));
      const onPostgres = {
        ...topics,
        KAFKA_TOPIC_PREFIX: `${kafka.prefix}beside.`,
        DATABASE_URL: beside.url,
      };
      theirs.push(events / (await relaySeconds(onPostgres, await postgres.head())));
    }
    return { events, ...rates(ours), embedded: rates(theirs) };
  } finally {
    await store.close();
    await postgres.close();
    await parts.close();
    await database.drop();
    await beside.drop();
  }
}

const rates = (perSecond: readonly number[]): Line => ({
  eventsPerSecond: rounded(median(perSecond)),
  spread: spread(perSecond, 0),
  rounds: perSecond.length,
});

/** Generated traffic; how many events there are. */
async function fill(store: EventStore): Promise<number> {
  const traffic = new LedgerTraffic(store, { seed: 5, users: 200, chargesPerAppend: 20 });
  await traffic.openAll(60_000_000_000n);
  for (let done = 0; done < RELAY_CHARGES; done += CHARGES_PER_SETTLING)
    await traffic.charge(CHARGES_PER_SETTLING);
  let events = 0;
  for await (const batch of store.readAll()) events += batch.length;
  return events;
}

/** From the relay's being ready until everything is acknowledged and its checkpoint says so. */
async function relaySeconds(env: Readonly<Record<string, string>>, head: Position): Promise<number> {
  const database = new pg.Client({ connectionString: env['DATABASE_URL'] });
  await database.connect();
  const relay = await startRole('relay', env);
  const startedAt = performance.now();
  try {
    for (;;) {
      const { rows } = await database.query<{ position: string }>(
        'select position::text from messaging.relays where topic_prefix = $1',
        [env['KAFKA_TOPIC_PREFIX']],
      );
      if (BigInt(rows[0]?.position ?? 0) >= head) return (performance.now() - startedAt) / 1000;
      await sleep(POLL_MS);
    }
  } finally {
    await relay.stop();
    await database.end();
  }
}
