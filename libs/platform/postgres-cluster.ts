import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError, type OsUser, type PostgresBinaries } from './postgres-binaries.js';

/** The login that owns the embedded cluster. */
export const CLUSTER_OWNER = 'promptflow';
/** Others may pass through (the Postgres user has to), but not list. */
export const PASSABLE = 0o711;

const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
const POLL_MS = 10;
const START_TIMEOUT_MS = 60_000;
const LOG_TAIL_CHARACTERS = 2_000;

export interface ClusterPlace {
  readonly binaries: PostgresBinaries;
  readonly user: OsUser | undefined;
  /** The cluster's own folder (PGDATA). */
  readonly dataDirectory: string;
}

export interface RunOptions extends ClusterPlace {
  /** Folder of the unix socket; absent: TCP on 127.0.0.1 only. */
  readonly socketDirectory: string | undefined;
  /** TCP port, also the number in the socket's name. */
  readonly port: number;
  readonly logFile: string;
  readonly settings: Readonly<Record<string, string>>;
}

export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  /** Empty when there is no unix socket. */
  readonly socketDirectory: string;
  /** `ready`, `starting`, `stopping` or `standby`. */
  readonly status: string;
}

/** Environment of Postgres itself: nothing of the caller's PG* variables or locale may leak into a cluster. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

/**
 * Makes a new cluster: UTF-8, bytewise order (`C.UTF-8`), passwords by SCRAM. It is built beside its place and
 * renamed when complete, so a killed process leaves nothing half made in the way.
 */
export async function initCluster(
  place: ClusterPlace,
  options: { readonly password: string; readonly sync: boolean },
): Promise<void> {
  const fresh = `${place.dataDirectory}.new-${process.pid}`;
  const passwordFile = `${fresh}.password`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { mode: PRIVATE_FOLDER });
  await writeFile(passwordFile, `${options.password}\n`, { mode: PRIVATE_FILE });
  if (place.user) {
    await chown(fresh, place.user.uid, place.user.gid);
    await chown(passwordFile, place.user.uid, place.user.gid);
  }
  try {
    await runInitdb(place, [
      `--pgdata=${fresh}`,
      `--username=${CLUSTER_OWNER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
      ...(options.sync ? [] : ['--no-sync']),
    ]);
    await rename(fresh, place.dataDirectory);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function runInitdb(place: ClusterPlace, args: readonly string[]): Promise<void> {
  const child = spawn(place.binaries.initdb, args, {
    ...place.user,
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) {
    throw new EmbeddedPostgresError(
      `Postgres could not make its data folder ${place.dataDirectory} (initdb ended with ${String(code)}): ${output.trim().slice(-LOG_TAIL_CHARACTERS)}`,
    );
  }
}

/** What comes behind the program's name on the command line. */
export function serverArguments(options: RunOptions): string[] {
  const settings = {
    port: String(options.port),
    listen_addresses: options.socketDirectory === undefined ? '127.0.0.1' : '',
    unix_socket_directories: options.socketDirectory ?? '',
    ...options.settings,
  };
  return ['-D', options.dataDirectory, ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])];
}

/**
 * Starts the server and waits until it accepts connections. It runs in a process group of its own, so that Ctrl-C in
 * a terminal reaches our process first and Postgres is stopped after the last statement, not before.
 */
export async function startCluster(options: RunOptions): Promise<PostmasterFile> {
  const log = openSync(options.logFile, 'a', PRIVATE_FILE);
  const logBegin = fstatSync(log).size;
  let child: ChildProcess;
  try {
    if (options.user) chownSync(options.logFile, options.user.uid, options.user.gid);
    child = spawn(options.binaries.postgres, serverArguments(options), {
      ...options.user,
      cwd: '/',
      env: serverEnvironment(),
      detached: true,
      stdio: ['ignore', log, log],
    });
  } finally {
    closeSync(log);
  }
  child.unref();
  return waitUntilReady(child, options, logBegin);
}

async function waitUntilReady(
  child: ChildProcess,
  options: RunOptions,
  logBegin: number,
): Promise<PostmasterFile> {
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended ??= `ended with ${signal ?? String(code)}`));
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (ended === undefined && performance.now() < deadline) {
    const file = await readPostmasterFile(options.dataDirectory);
    if (file?.pid === child.pid && file?.status === 'ready') return file;
    await sleep(POLL_MS);
  }
  child.kill('SIGQUIT');
  const log = await readFile(options.logFile).catch(() => Buffer.alloc(0));
  const tail = log.subarray(logBegin).toString('utf8').trim().slice(-LOG_TAIL_CHARACTERS);
  throw new EmbeddedPostgresError(
    `Postgres did not start on ${options.dataDirectory} (${ended ?? `not ready after ${START_TIMEOUT_MS / 1000} s`}). End of ${options.logFile}:\n${tail}`,
  );
}

/** What `postmaster.pid` says; undefined when there is none. Its format is that of Postgres 10 to 18. */
export async function readPostmasterFile(dataDirectory: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number.parseInt(lines[0] ?? '', 10);
  if (!(pid > 0)) return undefined;
  return {
    pid,
    port: Number.parseInt(lines[3] ?? '', 10) || 0,
    socketDirectory: lines[4] ?? '',
    status: lines[7] ?? '',
  };
}

/** Whether a process runs. One that has ended and only waits to be collected by its parent (a zombie) does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    // No /proc on this system, or the process ended just now: the next question tells.
    return true;
  }
}

/** Fast shutdown: transactions are rolled back, a checkpoint is written, the server ends. Immediate after `patienceMs`. */
export async function stopCluster(
  place: Pick<ClusterPlace, 'dataDirectory'>,
  pid: number,
  patienceMs = 30_000,
): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!isAlive(pid)) return;
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadline = performance.now() + patienceMs;
    while (performance.now() < deadline) {
      // The file goes last but one; a pid that lives on without it is a zombie of ours or somebody else's by now.
      if (!isAlive(pid) || (await readPostmasterFile(place.dataDirectory))?.pid !== pid) return;
      await sleep(POLL_MS);
    }
  }
  throw new EmbeddedPostgresError(
    `Postgres (pid ${pid}) did not stop: end it by hand with "kill -QUIT ${pid}".`,
  );
}

/** Makes a folder that the Postgres user may pass through and write into when it is to own it. */
export async function makeFolder(
  path: string,
  options: { readonly mode: number; readonly owner?: OsUser | undefined },
): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, options.mode);
  if (options.owner) await chown(path, options.owner.uid, options.owner.gid);
}
