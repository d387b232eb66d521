import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { assertEnterable, findPostgresBinaries, postgresOsUser } from '#libs/platform/postgres-binaries.js';
import {
  CLUSTER_OWNER,
  initCluster,
  makeFolder,
  PASSABLE,
  startCluster,
} from '#libs/platform/postgres-cluster.js';

const POLL_MS = 20;
const START_PATIENCE_MS = 90_000;
const SOCKET_PORT = 5432;

/** Small and durable like the real one: a start that checks fsync must pass here too. */
const SETTINGS = {
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  jit: 'off',
  autovacuum_naptime: '10s',
};

export interface TestDatabase {
  readonly url: string;
  /** Ends every connection to the database and removes it. */
  drop(): Promise<void>;
}

export interface TemplateDatabase {
  /** Plain lower-case word; names what `prepare` makes. */
  readonly name: string;
  /** Fills the template once a test run; every database is then a copy of it. Must close its connections. */
  readonly prepare: (url: string) => Promise<void>;
}

interface Run {
  readonly id: string;
  readonly pid: number;
  readonly folder: string;
}

interface Server {
  /** Of the maintenance database; the name is replaced for each database. */
  readonly url: string;
  readonly source: string;
}

/**
 * A database of this test file's own on the run's one Postgres server, which the first caller finds or starts:
 * `DATABASE_URL` if given, otherwise the npm package with Postgres binaries. Whatever happens to the run, its keeper
 * process removes server and databases.
 */
export async function createTestDatabase(template?: TemplateDatabase): Promise<TestDatabase> {
  const run = currentRun();
  const server = await once(run, 'server', () => startServer(run));
  const source =
    template && (await once(run, `template-${template.name}`, () => makeTemplate(run, server, template)));
  return cloneDatabase(server, `${prefixOf(run)}${randomBytes(5).toString('hex')}`, source?.database);
}

function currentRun(): Run {
  // Outside jest (a bench, a script) the process is its own run.
  process.env['TEST_RUN_ID'] ??= randomBytes(4).toString('hex');
  process.env['TEST_RUN_PID'] ??= String(process.pid);
  process.env['TEST_RUN_FOLDER'] ??= join(tmpdir(), `promptflow-test-${process.env['TEST_RUN_ID']}`);
  return {
    id: process.env['TEST_RUN_ID'],
    pid: Number(process.env['TEST_RUN_PID']),
    folder: process.env['TEST_RUN_FOLDER'],
  };
}

function prefixOf(run: Run): string {
  return `pft_${run.id}_`;
}

/** Does `work` once a run, whoever comes first, and gives everybody its JSON result; a failure fails everybody. */
async function once<T extends object>(run: Run, name: string, work: () => Promise<T>): Promise<T> {
  const result = join(run.folder, `${name}.json`);
  const lock = join(run.folder, `${name}.lock`);
  const deadline = performance.now() + START_PATIENCE_MS;
  await mkdir(run.folder, { recursive: true, mode: PASSABLE });
  for (;;) {
    if (existsSync(result))
      return outcomeOf<T>(JSON.parse(await readFile(result, 'utf8')) as Outcome<T>, name);
    if (await tryMakeFolder(lock)) break;
    if (performance.now() > deadline)
      throw new Error(`Another worker has not finished "${name}" in time (${lock}).`);
    await sleep(POLL_MS);
  }
  if (existsSync(result)) {
    await rmdir(lock);
    return once(run, name, work);
  }
  const outcome: Outcome<T> = await work().then(
    (value) => ({ value }),
    (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
  );
  await writeFile(`${result}.new`, JSON.stringify(outcome), { mode: 0o600 });
  await rename(`${result}.new`, result);
  await rmdir(lock);
  return outcomeOf(outcome, name);
}

type Outcome<T> = { readonly value: T } | { readonly error: string };

function outcomeOf<T>(outcome: Outcome<T>, name: string): T {
  if ('error' in outcome) throw new Error(`Test component "${name}" failed: ${outcome.error}`);
  return outcome.value;
}

async function tryMakeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function startServer(run: Run): Promise<Server> {
  const given = process.env['DATABASE_URL'];
  await startKeeper(run, given);
  const server = given === undefined ? await startOwnServer(run) : { url: given, source: 'DATABASE_URL' };
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  await client.end();
  process.stderr.write(`[test] Postgres ${rows[0]?.server_version ?? '?'} from ${server.source}\n`);
  return server;
}

/** The keeper comes first: from here on nothing is left behind, even if this process is killed in the next step. */
async function startKeeper(run: Run, given: string | undefined): Promise<void> {
  const script = join(import.meta.dirname, 'postgres-keeper.mjs');
  const keeper = fork(
    script,
    [String(run.pid), run.folder, prefixOf(run), ...(given === undefined ? [] : [given])],
    {
      detached: true,
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  await new Promise<void>((resolve, reject) => {
    keeper.once('message', () => resolve());
    keeper.once('exit', (code) =>
      reject(new Error(`The keeper of the test Postgres ended with ${String(code)}.`)),
    );
  });
  keeper.unref();
  await writeFile(join(run.folder, 'keeper.pid'), String(keeper.pid));
}

async function startOwnServer(run: Run): Promise<Server> {
  const binaries = findPostgresBinaries();
  const user = postgresOsUser();
  await makeFolder(run.folder, { mode: PASSABLE, owner: user });
  assertEnterable(run.folder, user, 'set TMPDIR to an open folder');
  assertEnterable(binaries.postgres, user, 'move the checkout');
  const place = { binaries, user, dataDirectory: join(run.folder, 'postgres') };
  const password = randomBytes(18).toString('base64url');
  await initCluster(place, { password, sync: false });
  await startCluster({
    ...place,
    socketDirectory: run.folder,
    port: SOCKET_PORT,
    logFile: join(run.folder, 'postgres.log'),
    settings: SETTINGS,
  });
  const url = new URL(`postgres://${CLUSTER_OWNER}:${password}@localhost:${SOCKET_PORT}/postgres`);
  url.searchParams.set('host', run.folder);
  return { url: url.href, source: 'the npm package with Postgres binaries, on a unix socket' };
}

async function makeTemplate(
  run: Run,
  server: Server,
  template: TemplateDatabase,
): Promise<{ readonly database: string }> {
  const database = `${prefixOf(run)}template_${template.name}`;
  const { url } = await cloneDatabase(server, database, undefined);
  await template.prepare(url);
  return { database };
}

async function cloneDatabase(
  server: Server,
  name: string,
  template: string | undefined,
): Promise<TestDatabase> {
  await administer(server, `create database "${name}" template "${template ?? 'template0'}" encoding 'UTF8'`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => administer(server, `drop database if exists "${name}" with (force)`),
  };
}

async function administer(server: Server, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
