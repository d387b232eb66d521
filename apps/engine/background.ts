import { parentPort, workerData } from 'node:worker_threads';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import type { LogLevel } from '#libs/platform/config.js';
import { createLogger } from '#libs/platform/logging.js';
import { type BackgroundRole, runRoles } from './roles.js';

/** What the engine's main thread hands to the thread of the roles that follow the log. */
export interface BackgroundData {
  readonly databaseUrl: string;
  readonly roles: readonly BackgroundRole[];
  readonly logLevel: LogLevel;
}

// Charges are answered on the main thread; following the log has a thread of its own, so neither waits for the other.
const { databaseUrl, roles, logLevel } = workerData as BackgroundData;
const stop = new AbortController();
parentPort!.once('message', () => stop.abort());
// Settlement shares the log's lock with charges, which somebody waits for: one short batch at a time.
const store = await openPostgresEventStore({ url: databaseUrl, maxBatchesInFlight: 1, batchEventsMax: 32 });
parentPort!.postMessage('started');
await runRoles(roles, {
  databaseUrl,
  store,
  log: createLogger({ level: logLevel, name: 'background' }),
  signal: stop.signal,
});
await store.close();
