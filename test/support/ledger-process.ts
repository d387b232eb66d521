import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildProgram } from './build.js';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';

const CHILD = join(PROJECT_ROOT, 'test', 'support', 'programs', 'ledger-child.mjs');
const APPS = join(PROJECT_ROOT, 'dist', 'apps');
const START_PATIENCE_MS = 30_000;

export interface LedgerProcess {
  /** Address of the HTTP interface; empty without the api role. */
  readonly url: string;
  /** Address of `/metrics` and `/health` of the process; empty without METRICS_PORT. */
  readonly metricsUrl: string;
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and waits for the end; the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
}

export interface StartOptions {
  /** Folder of the program below `apps`. Default: `engine`, which runs whatever ROLES names. */
  readonly program?: string;
  /** Told of each line that the program writes, its whole life long. */
  readonly onLine?: (line: string) => void;
}

/**
 * Starts a built program (`engine`, or a role by itself) as its users do, on a free port, and waits until it says that
 * it is ready.
 */
export async function startLedgerProcess(
  env: Readonly<Record<string, string>>,
  { program = 'engine', onLine }: StartOptions = {},
): Promise<LedgerProcess> {
  await buildProgram();
  const child = spawn(process.execPath, [CHILD, join(APPS, program, 'main.js')], {
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', LOG_LEVEL: 'info', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  if (onLine) createInterface({ input: child.stdout }).on('line', onLine);
  child.once('exit', () => running.delete(child));
  const { url = '', metricsUrl = '' } = await readyLine(child);
  return {
    url,
    metricsUrl,
    pid: child.pid!,
    signal: (signal) => void child.kill(signal),
    stop: () => end(child, 'SIGTERM'),
    kill: async () => {
      await end(child, 'SIGKILL');
    },
  };
}

/** Children that a failed test has left; to be called when its file ends. */
export async function killLedgerProcesses(): Promise<void> {
  await Promise.all([...running].map((child) => end(child, 'SIGKILL')));
}

const running = new Set<ChildProcess>();

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
  return child.exitCode;
}

interface ReadyLine {
  readonly url?: string;
  readonly metricsUrl?: string;
}

function readyLine(child: ChildProcess): Promise<ReadyLine> {
  let output = '';
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      child.kill('SIGKILL');
      reject(new Error(`The ledger did not start: ${reason}\n${output}`));
    };
    const timer = setTimeout(() => fail(`not ready after ${START_PATIENCE_MS} ms`), START_PATIENCE_MS);
    const see = (chunk: Buffer): void => {
      output += chunk.toString();
      const ready = output.split('\n').find((line) => line.includes('PromptFlow Ledger is ready'));
      if (ready === undefined || !output.includes(`${ready}\n`)) return;
      clearTimeout(timer);
      resolve(JSON.parse(ready) as ReadyLine);
    };
    child.stdout!.on('data', see);
    child.stderr!.on('data', see);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`exit code ${code}`);
    });
  });
}
