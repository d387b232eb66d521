import { afterAll, beforeAll } from '@jest/globals';
import pg from 'pg';
import { migrateAll } from '#apps/engine/migrate-all.js';
import type { EventStore } from '#libs/event-store/port.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { loadConfig } from '#libs/platform/config.js';
import { ledgerMode } from '#test/support/cluster/mode.js';
import { type ClusterParts, openClusterParts } from '#test/support/cluster/parts.js';
import { startRolesApart } from '#test/support/cluster/programs.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';
import { post } from '#test/support/http.js';
import { killLedgerProcesses, type LedgerProcess, startLedgerProcess } from '#test/support/ledger-process.js';

/** A broker's jars may have to be fetched first. */
const OPEN_PATIENCE_MS = ledgerMode() === 'cluster' ? 300_000 : 60_000;

/** A database that programs of the ledger share, and in cluster mode an event store and a Kafka. */
export interface SharedDatabase {
  readonly url: string;
  /** What a program needs to find this ledger, DATABASE_URL among it. */
  readonly env: Readonly<Record<string, string>>;
  /** One connection to look into it. */
  readonly reader: pg.Pool;
  /** The log, on connections of its own. */
  readonly store: EventStore;
  /** The same on further connections, for the caller to close. */
  openStore(): Promise<EventStore>;
  /** Starts a built program on it: the engine (in cluster mode each of its roles by itself), or the one named. */
  start(env?: Readonly<Record<string, string>>, program?: string): Promise<LedgerProcess>;
}

/** A migrated database for the tests of one file; with it go all programs that a test has left running. */
export function useDatabase(): SharedDatabase {
  const mode = ledgerMode();
  let database: TestDatabase | undefined;
  let parts: ClusterParts | undefined;
  let reader: pg.Pool | undefined;
  let store: EventStore | undefined;
  const url = (): string => made(database).url;
  const openStore = (): Promise<EventStore> => parts?.openStore() ?? openPostgresEventStore({ url: url() });
  const env = (): Readonly<Record<string, string>> => ({ DATABASE_URL: url(), ...parts?.env });
  beforeAll(async () => {
    database = await createTestDatabase();
    await migrateAll(database.url, { logElsewhere: mode === 'cluster' });
    if (mode === 'cluster') parts = await openClusterParts();
    store = await openStore();
  }, OPEN_PATIENCE_MS);
  afterAll(async () => {
    await reader?.end();
    await store?.close();
    await killLedgerProcesses();
    await parts?.close();
    await database?.drop();
  }, OPEN_PATIENCE_MS);
  return {
    get url() {
      return url();
    },
    get env() {
      return env();
    },
    get reader() {
      return (reader ??= new pg.Pool({ connectionString: url(), max: 1 }));
    },
    get store() {
      return made(store);
    },
    openStore,
    start: (more = {}, program) => {
      const all = { ...env(), ...more };
      if (program !== undefined) return startLedgerProcess(all, { program });
      return mode === 'cluster' ? startRolesApart(loadConfig(all).roles, all) : startLedgerProcess(all);
    },
  };
}

function made<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('The database is made before the tests: use it in them.');
  return part;
}

/** Opens PRO wallets `u0`, `u1`, ... */
export async function openWallets(url: string, count: number): Promise<void> {
  for (let u = 0; u < count; u++) await post(url, '/api/wallets', { userId: `u${u}`, plan: 'PRO' });
}

export interface BatchOptions {
  /** Number of the batch: run ids are made from it. */
  readonly batch: number;
  readonly size: number;
  readonly users: number;
  /** Who made the prompt of a run. */
  readonly creatorOf: (i: number) => { readonly creatorId: string; readonly creatorFee: string } | undefined;
}

/** Charges a bulk of cheap runs to `u0`, `u1`, ... in turn; how many were charged. */
export async function chargeBatch(
  url: string,
  { batch, size, users, creatorOf }: BatchOptions,
): Promise<number> {
  const items = Array.from({ length: size }, (_, i) => ({
    userId: `u${i % users}`,
    runId: `run-${batch}-${i}`,
    model: 'deepseek',
    inputTokens: 10,
    outputTokens: 10,
    ...creatorOf(i),
  }));
  const { body } = await post(url, '/api/credits/charge-prompts', { items });
  return (body['items'] as { status: number }[]).filter(({ status }) => status === 200).length;
}
