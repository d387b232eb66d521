import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';
import type { EventStore } from '#libs/event-store/port.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { attachEmbedded } from '#libs/platform/embedded-postgres.js';
import { isAlive, readPostmasterFile, stopCluster } from '#libs/platform/postgres-cluster.js';

const LEDGER = join(PROJECT_ROOT, 'dist', 'apps', 'cli', 'main.js');
const SERVER = join(PROJECT_ROOT, 'dist', 'apps', 'engine', 'main.js');
const POLL_MS = 20;
const START_PATIENCE_MS = 30_000;
/** The embedded Postgres runs as another user when the process is root: it must be able to pass. */
const PASSABLE = 0o711;

export interface CommandRun {
  /** null when it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Told of the process as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => Promise<void>;
  /** Told of standard output so far whenever more comes. */
  readonly onStdout?: (text: string, child: ChildProcess) => void;
}

/** Environment of a child: nothing of the caller's configuration, the data folder given. */
export const childEnv = (env: Readonly<Record<string, string>>): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  ...env,
});

/** Runs the built command line to its end. */
export async function runLedger(args: readonly string[], options: CommandOptions): Promise<CommandRun> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [LEDGER, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: childEnv(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    options.onStdout?.(stdout, child);
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const closed = once(child, 'close') as Promise<[number | null]>;
  await options.onStart?.(child);
  const [code] = await closed;
  return { code, stdout, stderr, seconds: (performance.now() - startedAt) / 1000 };
}

/** The summary that `--json` prints last. */
export function lastJson<T>({ stdout, stderr, code }: CommandRun): T {
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as T;
  } catch {
    throw new Error(`No summary was printed (exit code ${String(code)}):\n${stdout}${stderr}`);
  }
}

export interface RunningServer {
  readonly url: string;
  readonly databaseUrl: string;
  /** The log behind it, on connections of the caller's own. */
  readonly openStore: () => Promise<EventStore>;
}

/** Runs `work` against a server of the built program on a data folder, and stops the server. */
export async function withServer<T>(
  dataDir: string,
  work: (server: RunningServer) => Promise<T>,
): Promise<T> {
  const child = spawn(process.execPath, [SERVER], {
    env: childEnv({ DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'error' }),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    return await work(await serverOf(dataDir, child));
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

async function serverOf(dataDir: string, child: ChildProcess): Promise<RunningServer> {
  const deadline = performance.now() + START_PATIENCE_MS;
  while (child.exitCode === null && performance.now() < deadline) {
    const engine = await attachEmbedded(dataDir).catch(() => undefined);
    if (engine?.pid === child.pid && engine?.apiUrl !== undefined) {
      const databaseUrl = engine.url;
      return {
        url: engine.apiUrl,
        databaseUrl,
        openStore: () => openPostgresEventStore({ url: databaseUrl }),
      };
    }
    await sleep(POLL_MS);
  }
  throw new Error(`The server on ${dataDir} did not start (exit code ${String(child.exitCode)}).`);
}

/** Runs `work` with a data folder of its own, which is removed afterwards. */
export async function withDataDir<T>(work: (dataDir: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'promptflow-ledger-'));
  chmodSync(folder, PASSABLE);
  const dataDir = join(folder, 'data');
  try {
    return await work(dataDir);
  } finally {
    // A killed program leaves its Postgres behind.
    const place = { dataDirectory: join(dataDir, 'postgres') };
    const left = await readPostmasterFile(place.dataDirectory);
    if (left && isAlive(left.pid)) await stopCluster(place, left.pid);
    rmSync(folder, { recursive: true, force: true });
  }
}
