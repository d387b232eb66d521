import { statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EngineLock, type EngineRecord, findEngine, lockEngine } from './engine-lock.js';
import { adoptOrStop } from './embedded-survivor.js';
import { openDataDir, preparePlace, readOrMakePassword, readPassword } from './embedded-folder.js';
import { EmbeddedPostgresError, postgresOsUser } from './postgres-binaries.js';
import {
  CLUSTER_OWNER,
  type ClusterPlace,
  initCluster,
  isAlive,
  makeFolder,
  type PostmasterFile,
  type RunOptions,
  startCluster,
  stopCluster,
} from './postgres-cluster.js';
import { connectClient } from './postgres.js';

/** Durable single node on a small machine; two sets of api, projector and settlement fit into the connections. */
const SETTINGS = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  shared_buffers: '256MB',
  max_connections: '100',
  max_wal_size: '2GB',
  min_wal_size: '256MB',
  wal_compression: 'on',
  checkpoint_timeout: '15min',
  random_page_cost: '1.1',
  jit: 'off',
  // Reports must not take the second core from charges.
  max_parallel_workers_per_gather: '0',
  log_line_prefix: '%m [%p] ',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

const DATABASE = 'promptflow';
const SOCKET_PORT = 5432;
/** The system's limit is 104 to 108 bytes. */
const SOCKET_PATH_BYTES_MAX = 100;
const LOG_BYTES_MAX = 10 * 1024 * 1024;
const OWNER_ONLY_FOLDER = 0o700;
const WATCH_MS = 250;
const RESTART_DELAY_MS_MAX = 10_000;
const ORPHANS_POLL_MS = 100;
const ORPHANS_PATIENCE_MS = 10_000;
const ATTACH_PATIENCE_MS = 15_000;
const ATTACH_POLL_MS = 50;

export interface EmbeddedPostgres {
  /** For `createPool`; a login that owns the database. */
  readonly url: string;
  /** A Postgres that outlived a killed process was taken over as it was. */
  readonly adopted: boolean;
  /** Makes the address of the HTTP interface known to the command line and to a refused second engine. */
  announce(apiUrl: string): Promise<void>;
  /** Fast shutdown: ends all sessions, writes everything, frees the data folder. May be called twice. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly log: (message: string) => void;
}

/**
 * Starts this project's own Postgres under `dataDir` and keeps it running: should it die, it is started again at
 * the same address.
 * @throws EngineRunningError when another engine holds the folder.
 * @throws EmbeddedPostgresError naming the folder, file or user that is in the way, and the way out.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const root = postgresOsUser();
  const dataDir = await openDataDir(options.dataDir, root);
  const lock = await lockEngine(dataDir);
  try {
    const { place, fresh } = await preparePlace(dataDir, root);
    const password = await readOrMakePassword(dataDir, place, fresh);
    if (fresh) {
      options.log(`Making a new Postgres ${place.binaries.major} cluster in ${place.dataDirectory}`);
      await initCluster(place, { password, sync: true });
    }
    const run = await runOptions(dataDir, place);
    const survivor = fresh ? undefined : await adoptOrStop(run, options.log);
    const server = survivor ?? (await startPatiently(await withPort(run)));
    const url = urlOf(server, password);
    try {
      await lock.assertHeld();
      await makeDatabase(url('postgres'));
    } catch (error) {
      await stopCluster(place, server.pid);
      throw error;
    }
    await lock.update({
      postgres: { pid: server.pid, port: server.port, socketDirectory: server.socketDirectory },
    });
    return {
      url: url(DATABASE),
      adopted: survivor !== undefined,
      announce: (apiUrl) => lock.update({ apiUrl }),
      stop: supervise({ run: { ...run, port: server.port }, server, lock, log: options.log }),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** The running engine of a data folder, for the command line; undefined when none runs. */
export async function attachEmbedded(
  dataDir: string,
): Promise<{ readonly pid: number; readonly url: string; readonly apiUrl: string | undefined } | undefined> {
  const folder = resolve(dataDir);
  const deadline = performance.now() + ATTACH_PATIENCE_MS;
  for (;;) {
    const engine = await findEngine(folder);
    if (engine === undefined) return undefined;
    if (engine.postgres) return attached(folder, engine, engine.postgres);
    if (performance.now() > deadline) {
      throw new EmbeddedPostgresError(
        `The engine with pid ${engine.pid} on ${folder} has not finished starting within ${ATTACH_PATIENCE_MS / 1000} s: look at its log, or stop it.`,
      );
    }
    await sleep(ATTACH_POLL_MS);
  }
}

async function attached(
  folder: string,
  engine: EngineRecord,
  server: Pick<PostmasterFile, 'port' | 'socketDirectory'>,
): Promise<{ pid: number; url: string; apiUrl: string | undefined }> {
  const password = await readPassword(folder);
  return { pid: engine.pid, url: urlOf(server, password)(DATABASE), apiUrl: engine.apiUrl };
}

function urlOf(
  server: Pick<PostmasterFile, 'port' | 'socketDirectory'>,
  password: string,
): (database: string) => string {
  return (database) => {
    const url = new URL(`postgres://${CLUSTER_OWNER}:${password}@127.0.0.1:${server.port}/${database}`);
    if (server.socketDirectory !== '') url.searchParams.set('host', server.socketDirectory);
    return url.href;
  };
}

async function runOptions(dataDir: string, place: ClusterPlace): Promise<RunOptions> {
  const socketDirectory = join(dataDir, 'run');
  const path = join(socketDirectory, `.s.PGSQL.${SOCKET_PORT}.lock`);
  const fits = process.platform !== 'win32' && Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX;
  if (fits) await makeFolder(socketDirectory, { mode: OWNER_ONLY_FOLDER, owner: place.user });
  const logFile = join(dataDir, 'postgres.log');
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX) {
    await rename(logFile, `${logFile}.1`);
  }
  return {
    ...place,
    socketDirectory: fits ? socketDirectory : undefined,
    port: fits ? SOCKET_PORT : 0,
    logFile,
    settings: SETTINGS,
  };
}

async function withPort(run: RunOptions): Promise<RunOptions> {
  if (run.port !== 0) return run;
  const server = createServer();
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string')
    throw new EmbeddedPostgresError('No free TCP port was found.');
  return { ...run, port: address.port };
}

/** After a kill -9 of Postgres its sessions need a moment to notice; until then a new server is refused. */
async function startPatiently(run: RunOptions): Promise<PostmasterFile> {
  for (let waitedMs = 0; ; waitedMs += ORPHANS_POLL_MS) {
    try {
      return await startCluster(run);
    } catch (error) {
      const orphans = error instanceof Error && error.message.includes('pre-existing shared memory block');
      if (!orphans || waitedMs >= ORPHANS_PATIENCE_MS) throw error;
      await sleep(ORPHANS_POLL_MS);
    }
  }
}

async function makeDatabase(url: string): Promise<void> {
  const client = await connectClient({ url, applicationName: 'promptflow-engine' });
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

interface Supervised {
  readonly run: RunOptions;
  readonly server: PostmasterFile;
  readonly lock: EngineLock;
  readonly log: (message: string) => void;
}

/** Starts Postgres again whenever it has ended by itself. Returns the function that stops both. */
function supervise({ run, server, lock, log }: Supervised): () => Promise<void> {
  let { pid } = server;
  let stopping: Promise<void> | undefined;
  let restarting: Promise<void> | undefined;

  const restart = async (): Promise<void> => {
    log(`Postgres (pid ${pid}) has ended unexpectedly; starting it again. Its log: ${run.logFile}`);
    for (
      let delayMs = WATCH_MS;
      stopping === undefined;
      delayMs = Math.min(2 * delayMs, RESTART_DELAY_MS_MAX)
    ) {
      try {
        const next = (await adoptOrStop(run, log)) ?? (await startCluster(run));
        pid = next.pid;
        await lock.update({
          postgres: { pid, port: next.port, socketDirectory: next.socketDirectory },
        });
        return;
      } catch (error) {
        log(error instanceof Error ? error.message : String(error));
        await sleep(delayMs);
      }
    }
  };
  const watch = setInterval(() => {
    if (restarting !== undefined || isAlive(pid)) return;
    restarting = restart().finally(() => (restarting = undefined));
  }, WATCH_MS).unref();

  return () =>
    (stopping ??= (async () => {
      clearInterval(watch);
      await restarting;
      await stopCluster(run, pid);
      await lock.release();
    })());
}
