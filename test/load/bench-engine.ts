import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type LedgerProcess, startLedgerProcess } from '#test/support/ledger-process.js';
import { attachEmbedded } from '#libs/platform/embedded-postgres.js';

/** The embedded engine as its users start it, all roles in one process, on a fresh data folder. */
export interface BenchEngine {
  readonly url: string;
  readonly databaseUrl: string;
  readonly database: pg.Pool;
  /** Kills nothing: a clean stop, then the folder goes. */
  stop(): Promise<void>;
}

const PASSABLE = 0o711;

export async function startBenchEngine(env: Readonly<Record<string, string>> = {}): Promise<BenchEngine> {
  const dataDir = mkdtempSync(join(tmpdir(), 'promptflow-bench-'));
  chmodSync(dataDir, PASSABLE);
  const engine: LedgerProcess = await startLedgerProcess({ ...env, DATA_DIR: dataDir, LOG_LEVEL: 'info' });
  const { url: databaseUrl } = (await attachEmbedded(dataDir))!;
  const database = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  return {
    url: engine.url,
    databaseUrl,
    database,
    stop: async () => {
      await database.end();
      await engine.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export interface BareServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The ceiling's server, a process of its own on the same log: `DATABASE_URL`, or else `EVENTSTORE_URL`. */
export async function startBareServer(env: Readonly<Record<string, string>>): Promise<BareServer> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'bare-server.js'), {
    env: { ...process.env, EVENTSTORE_URL: '', EVENTSTORE_NAMESPACE: '', ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once('exit', (code) => reject(new Error(`The bare server ended with ${code}`)));
  });
  return {
    url,
    stop: async () => {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const SETTINGS = ['fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'shared_buffers'];

/** What every line of figures carries: versions and the settings of Postgres that matter. */
export async function environmentOf(database: pg.Pool): Promise<Record<string, unknown>> {
  const { rows } = await database.query<{ name: string; setting: string }>(
    `select name, current_setting(name) as setting from pg_settings where name = any($1)`,
    [SETTINGS],
  );
  const { rows: version } = await database.query<{ server_version: string }>('show server_version');
  return {
    node: process.version,
    postgres: version[0]!.server_version,
    settings: Object.fromEntries(rows.map(({ name, setting }) => [name, setting])),
  };
}
