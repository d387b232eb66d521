import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';
import { buildProgram } from '#test/support/build.js';
import { HASTY } from './payout-lab.js';

const CHILD = join(PROJECT_ROOT, 'test', 'support', 'programs', 'payout-worker-child.mjs');

export interface WorkerProcess {
  /** Resolves with the signal that ended it. */
  readonly ended: Promise<NodeJS.Signals | null>;
  kill(): Promise<void>;
}

const running = new Set<ChildProcess>();

/** The built worker as a process of its own; it kills itself at `killAt`, the `nth` time it comes there. */
export async function startWorkerProcess(
  env: Readonly<Record<string, string>>,
  { killAt, nth = 1 }: { readonly killAt?: string; readonly nth?: number } = {},
): Promise<WorkerProcess> {
  await buildProgram();
  const child = spawn(process.execPath, [CHILD], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOOKS: JSON.stringify(HASTY),
      ...(killAt === undefined ? {} : { KILL_AT: killAt, KILL_NTH: String(nth) }),
      ...env,
    },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  running.add(child);
  const ended = once(child, 'exit').then(([, signal]) => {
    running.delete(child);
    return signal as NodeJS.Signals | null;
  });
  return {
    ended,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Children that a failed test has left; to be called when its file ends. */
export async function killWorkerProcesses(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }),
  );
}
