// npm run double -- [--port N] [--control-port M] [--data DIR]: the protocol double, for trying things by hand.
import { buildIfStale } from './build-if-stale.mjs';

try {
  await buildIfStale();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await import('../dist/test/support/eventstoredb-double/main.js');
