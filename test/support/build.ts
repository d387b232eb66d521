import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';

const SCRIPT = join(PROJECT_ROOT, 'scripts', 'build-if-stale.mjs');

/** Brings dist/ up to date for tests that start the program as a process of its own. Two at once build once. */
export async function buildProgram(): Promise<void> {
  await promisify(execFile)(process.execPath, [SCRIPT], { env: { ...process.env, NODE_OPTIONS: '' } });
}
