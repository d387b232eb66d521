import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 30_000;

/** Tells the keeper to clean up and waits for it. A run that never asked for Postgres has none. */
export default async function globalTeardown() {
  const folder = process.env.TEST_RUN_FOLDER;
  const file = folder && join(folder, 'keeper.pid');
  if (!file || !existsSync(file)) return;
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    return;
  }
  for (let waited = 0; existsSync(folder) && waited < PATIENCE_MS; waited += 20) await sleep(20);
  if (existsSync(folder))
    console.error(`[test] ${folder} could not be removed within ${PATIENCE_MS / 1000} s`);
}
