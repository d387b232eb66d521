import { parentPort, workerData } from 'node:worker_threads';
import type { Config } from '#libs/platform/config.js';
import { createLogger } from '#libs/platform/logging.js';
import { openEventStore } from './open-event-store.js';
import { type BackgroundRole, runRoles } from './roles.js';

/** What the engine's main thread hands to the thread of the roles that follow the log. */
export interface BackgroundData {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly roles: readonly BackgroundRole[];
}

// Charges are answered on the main thread; following the log has a thread of its own, so neither waits for the other.
const { config, databaseUrl, roles } = workerData as BackgroundData;
const stop = new AbortController();
parentPort!.once('message', () => stop.abort());
// Settlement shares the log's lock with charges, which somebody waits for: one short batch at a time.
const store = await openEventStore({
  config,
  databaseUrl,
  postgres: { maxBatchesInFlight: 1, batchEventsMax: 32 },
});
parentPort!.postMessage('started');
await runRoles(roles, {
  config,
  databaseUrl,
  store,
  log: createLogger({ level: config.logLevel, name: 'background' }),
  signal: stop.signal,
});
await store.close();
