#!/usr/bin/env node
// The command line, in this process: signals, standard streams and the exit code are its own.
import { buildIfStale } from './build-if-stale.mjs';
import { loadEnvFile } from './load-env.mjs';

try {
  loadEnvFile();
  await buildIfStale();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await import('../dist/apps/cli/main.js');
