import { afterAll, beforeAll } from '@jest/globals';
import pg from 'pg';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';
import { post } from '#test/support/http.js';
import { killLedgerProcesses, type LedgerProcess, startLedgerProcess } from '#test/support/ledger-process.js';

const OPEN_PATIENCE_MS = 60_000;

/** A database that programs of the ledger share. */
export interface SharedDatabase {
  readonly url: string;
  /** One connection to look into it. */
  readonly reader: pg.Pool;
  /** Starts a built program on it: the engine, or a role by itself. */
  start(env?: Readonly<Record<string, string>>, program?: string): Promise<LedgerProcess>;
}

/** A migrated database for the tests of one file; with it go all programs that a test has left running. */
export function useDatabase(): SharedDatabase {
  let database: TestDatabase | undefined;
  let reader: pg.Pool | undefined;
  const url = (): string => {
    if (database === undefined) throw new Error('The database is made before the tests: use it in them.');
    return database.url;
  };
  beforeAll(async () => {
    database = await createTestDatabase();
    await migrateAll(database.url);
  }, OPEN_PATIENCE_MS);
  afterAll(async () => {
    await reader?.end();
    await killLedgerProcesses();
    await database?.drop();
  }, OPEN_PATIENCE_MS);
  return {
    get url() {
      return url();
    },
    get reader() {
      return (reader ??= new pg.Pool({ connectionString: url(), max: 1 }));
    },
    start: (env = {}, program) => startLedgerProcess({ DATABASE_URL: url(), ...env }, program),
  };
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
