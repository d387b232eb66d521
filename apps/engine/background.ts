import { parentPort, workerData } from 'node:worker_threads';
import { NotDurableError } from '#libs/event-store-postgres/durability.js';
import type { EventStore } from '#libs/event-store/port.js';
import type { Config } from '#libs/platform/config.js';
import { createLogger } from '#libs/platform/logging.js';
import { snapshotOf } from '#libs/platform/metrics/merge.js';
import { watchThread } from '#libs/platform/metrics/runtime-metrics.js';
import type { FromBackground, ToBackground } from './background-messages.js';
import { openEventStore } from './open-event-store.js';
import { RoleWatch } from './role-watch.js';
import { type BackgroundRole, runRoles } from './roles.js';
import { EngineStartError } from './start-error.js';

/** What the engine's main thread hands to the thread of the roles that follow the log. */
export interface BackgroundData {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly roles: readonly BackgroundRole[];
}

// Charges are answered on the main thread; following the log has a thread of its own, so neither waits for the other.
const { config, databaseUrl, roles } = workerData as BackgroundData;
const stop = new AbortController();
const log = createLogger({ level: config.logLevel, name: 'background' });
const watch = new RoleWatch();
if (config.metrics !== undefined) watchThread(watch.metrics, 'background');

const port = parentPort!;
const say = (message: FromBackground): void => port.postMessage(message);
port.on('message', (message: ToBackground) => {
  if (message.kind === 'stop') {
    stop.abort();
    // Listening would keep the thread from ending.
    port.close();
  } else {
    void answer(message.question);
  }
});

async function answer(question: number): Promise<void> {
  try {
    const [metrics, roleHealths] = await Promise.all([snapshotOf(watch.metrics), watch.ask()]);
    say({ kind: 'report', question, report: { metrics, roles: [...roleHealths] } });
  } catch (err) {
    log.warn({ err }, 'the metrics of the background thread could not be put together');
  }
}

/** Undefined when the user has to mend something first, which the main thread says. */
async function openLog(): Promise<EventStore | undefined> {
  try {
    // Settlement shares the log's lock with charges, which somebody waits for: one short batch at a time.
    const postgres = { maxBatchesInFlight: 1, batchEventsMax: 32 };
    return await openEventStore({ config, databaseUrl, postgres });
  } catch (error) {
    if (!(error instanceof EngineStartError || error instanceof NotDurableError)) throw error;
    say({ kind: 'unusable', message: error.message });
    return undefined;
  }
}

const store = await openLog();
if (store === undefined) {
  port.close();
} else {
  say({ kind: 'started' });
  await runRoles(roles, { config, databaseUrl, store, log, signal: stop.signal, watch });
  await store.close();
}
