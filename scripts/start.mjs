// npm start: the server with its embedded engine, in this process.
import { buildIfStale } from './build-if-stale.mjs';
import { loadEnvFile } from './load-env.mjs';

try {
  loadEnvFile();
  await buildIfStale();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await import('../dist/apps/engine/main.js');
