import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';
import { PASSABLE } from '#libs/platform/postgres-cluster.js';

/** Where what is not compiled lies, also for a program that was. */
export const COMPONENTS = join(PROJECT_ROOT, 'test', 'support', 'components');

const POLL_MS = 20;
const PATIENCE_MS = 90_000;

/** One call of jest, or a program of its own: what its components belong to. */
export interface TestRun {
  readonly id: string;
  readonly pid: number;
  /** Removed with the run. */
  readonly folder: string;
}

export function currentRun(): TestRun {
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

/** What the names of a run's databases begin with; its Kafka topics have a dash in place of the underscores. */
export function prefixOf(run: TestRun): string {
  return `pft_${run.id}_`;
}

/** A part that tests use in real, by its name in REQUIRE_COMPONENTS. */
export type ComponentName = 'postgres' | 'kafka' | 'chromium' | 'scenarios';

/** Whether REQUIRE_COMPONENTS makes a failure of the absence of a part. */
export function isRequired(component: ComponentName): boolean {
  const names = (process.env['REQUIRE_COMPONENTS'] ?? '').split(',').map((name) => name.trim());
  return names.includes(component);
}

export interface OnceOptions {
  /** Names the work within the run. */
  readonly name: string;
  /** How long others wait for whoever does it. */
  readonly patienceMs?: number;
}

/** Does `work` once a run, whoever comes first, and gives everybody its JSON result; a failure fails everybody. */
export async function once<T extends object>(
  run: TestRun,
  { name, patienceMs = PATIENCE_MS }: OnceOptions,
  work: () => Promise<T>,
): Promise<T> {
  const result = join(run.folder, `${name}.json`);
  const lock = join(run.folder, `${name}.lock`);
  const deadline = performance.now() + patienceMs;
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
    return once(run, { name, patienceMs }, work);
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

/** The keeper comes first: from here on nothing is left behind, even if this process is killed in the next step. */
export async function startKeeper(run: TestRun): Promise<void> {
  await once(run, { name: 'keeper' }, () => forkKeeper(run));
}

async function forkKeeper(run: TestRun): Promise<{ readonly pid: number }> {
  const script = join(COMPONENTS, 'run-keeper.mjs');
  const keeper = fork(script, [String(run.pid), run.folder, prefixOf(run)], {
    detached: true,
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await new Promise<void>((resolve, reject) => {
    keeper.once('message', () => resolve());
    keeper.once('exit', (code) =>
      reject(new Error(`The keeper of the test run ended with ${String(code)}.`)),
    );
  });
  keeper.unref();
  await writeFile(join(run.folder, 'keeper.pid'), String(keeper.pid));
  return { pid: keeper.pid! };
}

/**
 * Put into the command line of a process that the run's keeper shall kill at the end if it is still there: by that, not
 * by a number that may be another's meanwhile, the keeper knows it.
 */
export function markOf(run: TestRun): string {
  return `promptflow.test.run=${run.folder}`;
}
