// Writes docs/reference/metrics.md from what a running process says of its metrics: the test that holds the page against
// it writes it when asked to.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildIfStale } from './build-if-stale.mjs';

const ROOT = join(import.meta.dirname, '..');

await buildIfStale();
const { status } = spawnSync(
  process.execPath,
  [join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), 'test/e2e/processes-metrics'],
  {
    cwd: ROOT,
    env: {
      ...process.env,
      WRITE_METRICS_REFERENCE: 'yes',
      NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
    },
    stdio: 'inherit',
  },
);
process.exit(status ?? 1);
