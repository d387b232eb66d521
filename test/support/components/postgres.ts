import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { assertEnterable, findPostgresBinaries, postgresOsUser } from '#libs/platform/postgres-binaries.js';
import {
  CLUSTER_OWNER,
  initCluster,
  makeFolder,
  PASSABLE,
  startCluster,
} from '#libs/platform/postgres-cluster.js';
import { currentRun, once, prefixOf, startKeeper, type TestRun } from './test-run.js';

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
  const server = await once(run, { name: 'server' }, () => startServer(run));
  const source =
    template &&
    (await once(run, { name: `template-${template.name}` }, () => makeTemplate(run, server, template)));
  return cloneDatabase(server, `${prefixOf(run)}${randomBytes(5).toString('hex')}`, source?.database);
}

async function startServer(run: TestRun): Promise<Server> {
  const given = process.env['DATABASE_URL'];
  await startKeeper(run);
  const server = given === undefined ? await startOwnServer(run) : { url: given, source: 'DATABASE_URL' };
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  await client.end();
  process.stderr.write(`[test] Postgres ${rows[0]?.server_version ?? '?'} from ${server.source}\n`);
  return server;
}

async function startOwnServer(run: TestRun): Promise<Server> {
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
  run: TestRun,
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
