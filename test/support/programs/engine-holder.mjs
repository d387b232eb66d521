// Holds the embedded engine of a data folder until it is told to stop (SIGTERM) or killed.
// Arguments: <data folder> [api address to announce]. Prints one JSON line when ready, or when refused.
import { performance } from 'node:perf_hooks';
import { setInterval } from 'node:timers';
import { startEmbeddedPostgres } from '../../../dist/libs/platform/embedded-postgres.js';

const [dataDir, apiUrl] = process.argv.slice(2);
const started = performance.now();
try {
  const engine = await startEmbeddedPostgres({ dataDir, log: (line) => console.error(line) });
  if (apiUrl) await engine.announce(apiUrl);
  const ms = Math.round(performance.now() - started);
  console.log(JSON.stringify({ ready: true, url: engine.url, adopted: engine.adopted, ms }));
  process.once('SIGTERM', () => engine.stop().then(() => process.exit(0)));
  setInterval(() => undefined, 60_000);
} catch (error) {
  console.log(JSON.stringify({ ready: false, name: error.name, message: error.message }));
  process.exitCode = 1;
}
