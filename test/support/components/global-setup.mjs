import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives the run its name. Nothing is started here: the first suite that asks for Postgres starts it. */
export default function globalSetup() {
  process.env.TEST_RUN_ID = randomBytes(4).toString('hex');
  process.env.TEST_RUN_PID = String(process.pid);
  process.env.TEST_RUN_FOLDER = join(tmpdir(), `promptflow-test-${process.env.TEST_RUN_ID}`);
}
