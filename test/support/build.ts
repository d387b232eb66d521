import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';

const SCRIPT = join(PROJECT_ROOT, 'scripts', 'build-if-stale.mjs');

/** How long a build may take on a busy machine. */
export const BUILD_PATIENCE_MS = 5 * 60_000;

/**
 * Brings dist/ up to date for tests that start the program as a process of its own: once for each test file, so that
 * what a test starts again is the same program. Two files at once build once.
 */
export function buildProgram(): Promise<void> {
  return (building ??= build().catch((error: unknown) => {
    building = undefined;
    throw error;
  }));
}

let building: Promise<void> | undefined;

async function build(): Promise<void> {
  await promisify(execFile)(process.execPath, [SCRIPT], { env: { ...process.env, NODE_OPTIONS: '' } });
}
