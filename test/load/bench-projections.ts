import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import type { RecordedEvent } from '#libs/event-store/port.js';
import { prepareReadModels } from '#libs/projection-runner/prepare.js';
import type { Projection } from '#libs/projection-runner/projection.js';
import { runProjections } from '#libs/projection-runner/run-projections.js';
import { ALL_PROJECTIONS } from '#projections/all.js';
import { LedgerTraffic } from '#test/support/event-generator.js';
import { PacedStore } from './paced-store.js';
import { median, rounded } from './statistics.js';

export interface BenchProjectionsOptions {
  /** A Postgres server where databases may be made and dropped. */
  readonly url: string;
  /** Prompt charges of the log; every second one pays a creator. Default 60,000. */
  readonly charges?: number;
  /** Wallets. Default 100. */
  readonly users?: number;
  /** Charges per second of the live part. Default 5,000. */
  readonly liveChargesPerSecond?: number;
}

/** Rates in events per second, CPU in milliseconds per 1,000 events; CPU of Postgres is known on Linux only. */
export interface CatchUpFigures {
  readonly eventsPerSecond: number;
  readonly chargesPerSecond: number;
  readonly jsCpuMs: number;
  readonly postgresCpuMs: number | undefined;
}

export interface LiveFigures extends CatchUpFigures {
  /** Age of the rows, from an event's appearance to its being readable, as sampled; milliseconds. */
  readonly lagMsMedian: number;
  readonly lagMsMax: number;
}

export interface BenchProjectionsResult {
  readonly bench: 'projections';
  readonly events: number;
  readonly charges: number;
  readonly users: number;
  readonly all: CatchUpFigures;
  readonly live: LiveFigures;
  /** Each by itself, with a decoding of its own. */
  readonly alone: Readonly<Record<string, CatchUpFigures>>;
  readonly node: string;
}

const CHARGES_PER_APPEND = 10;
const SETTLE_EVERY = 500;
const SAMPLE_MS = 10;
const TICKS_PER_SECOND = 100;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface Log {
  readonly logId: string;
  readonly events: readonly RecordedEvent[];
  readonly charges: number;
}

/** How quickly the read models follow a log of charges: far behind, at a steady rate, and each by itself. */
export async function benchProjections(options: BenchProjectionsOptions): Promise<BenchProjectionsResult> {
  const { url, charges = 60_000, users = 100, liveChargesPerSecond = 5_000 } = options;
  const log = await makeLog(charges, users);
  const rate = (liveChargesPerSecond * log.events.length) / charges;
  // The first run also warms up the code.
  await measure(url, log, ALL_PROJECTIONS, Infinity);
  const all = await measure(url, log, ALL_PROJECTIONS, Infinity);
  const live = await measure(url, log, ALL_PROJECTIONS, rate);
  const alone: Record<string, CatchUpFigures> = {};
  for (const projection of ALL_PROJECTIONS) {
    alone[projection.name] = catchUpOf(await measure(url, log, [projection], Infinity));
  }
  return {
    bench: 'projections',
    events: log.events.length,
    charges,
    users,
    all: catchUpOf(all),
    live,
    alone,
    node: process.version,
  };
}

async function makeLog(charges: number, users: number): Promise<Log> {
  const store = new MemoryEventStore({ positionStep: 1n });
  const traffic = new LedgerTraffic(store, {
    seed: 1,
    users,
    creators: 10,
    chargesPerAppend: CHARGES_PER_APPEND,
  });
  await traffic.openAll(1_000_000_000_000n);
  for (let done = 0; done < charges; done += SETTLE_EVERY) await traffic.charge(SETTLE_EVERY);
  const events: RecordedEvent[] = [];
  for await (const batch of store.readAll()) events.push(...batch);
  return { logId: store.logId, events, charges };
}

async function measure(
  url: string,
  log: Log,
  projections: readonly Projection[],
  eventsPerSecond: number,
): Promise<LiveFigures> {
  const store = new PacedStore(log.logId, log.events, eventsPerSecond);
  return onNewDatabase(url, async (database) => {
    await prepareReadModels({ url: database.url, store, projections });
    const stopping = new AbortController();
    const { status, ended } = runProjections({
      url: database.url,
      store,
      projections,
      log: SILENT,
      signal: stopping.signal,
    });
    while (!status().every(({ state }) => state === 'live')) await sleep(SAMPLE_MS);
    const backends = await database.backends();
    const ticks = cpuTicks(backends);
    const cpu = process.cpuUsage();
    const started = performance.now();
    store.start();
    const lags: number[] = [];
    const end = BigInt(log.events.length);
    for (let position = 0n; position < end;) {
      await sleep(SAMPLE_MS);
      position = status().reduce((least, each) => (each.position! < least ? each.position! : least), end);
      const appeared = (Number(position + 1n) / eventsPerSecond) * 1000;
      if (position < (await store.head())) lags.push(Math.max(0, performance.now() - started - appeared));
    }
    const seconds = (performance.now() - started) / 1000;
    const used = process.cpuUsage(cpu);
    const ticksUsed = cpuTicks(backends) - ticks;
    stopping.abort();
    await ended;
    const thousands = log.events.length / 1000;
    return {
      eventsPerSecond: Math.round(log.events.length / seconds),
      chargesPerSecond: Math.round(log.charges / seconds),
      jsCpuMs: rounded((used.user + used.system) / 1000 / thousands, 1),
      postgresCpuMs: Number.isNaN(ticksUsed)
        ? undefined
        : rounded((ticksUsed * 1000) / TICKS_PER_SECOND / thousands, 1),
      lagMsMedian: Math.round(median(lags)),
      lagMsMax: Math.round(Math.max(0, ...lags)),
    };
  });
}

const catchUpOf = ({
  eventsPerSecond,
  chargesPerSecond,
  jsCpuMs,
  postgresCpuMs,
}: LiveFigures): CatchUpFigures => ({
  eventsPerSecond,
  chargesPerSecond,
  jsCpuMs,
  postgresCpuMs,
});

interface BenchDatabase {
  readonly url: string;
  /** Process ids of the runners' backends. */
  backends(): Promise<readonly number[]>;
}

async function onNewDatabase<T>(
  serverUrl: string,
  work: (database: BenchDatabase) => Promise<T>,
): Promise<T> {
  const name = `bench_projections_${randomBytes(4).toString('hex')}`;
  const server = new pg.Client({ connectionString: serverUrl });
  await server.connect();
  try {
    await server.query(`create database ${name}`);
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    return await work({
      url: url.href,
      backends: async () => {
        const { rows } = await server.query<{ pid: number }>(
          'select pid from pg_stat_activity where datname = $1',
          [name],
        );
        return rows.map(({ pid }) => pid);
      },
    });
  } finally {
    await server.query(`drop database if exists ${name} with (force)`);
    await server.end();
  }
}

/** User and system time of processes on this machine; NaN where that cannot be read. */
function cpuTicks(pids: readonly number[]): number {
  try {
    return pids.reduce((sum, pid) => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return sum + Number(fields[11]) + Number(fields[12]);
    }, 0);
  } catch {
    return NaN;
  }
}

async function main(): Promise<void> {
  const url = process.argv[2] ?? process.env['DATABASE_URL'];
  if (url === undefined) throw new Error('Give the address of a server: bench-projections postgres://...');
  console.log(JSON.stringify(await benchProjections({ url })));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
