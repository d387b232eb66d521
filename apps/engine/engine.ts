import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '#libs/platform/config.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#libs/platform/embedded-postgres.js';
import type { Logger } from '#libs/platform/logging.js';
import type { ApiRoleOptions } from './open-api.js';
import { startBackgroundThread } from './background-thread.js';
import { migrateAll } from './migrate-all.js';
import { ProcessWatch } from './process-watch.js';
import { BACKGROUND_ROLES, type BackgroundRole } from './roles.js';
import { databaseError } from './start-error.js';

/** More than any part takes that still has an answer to give. */
const STOP_PATIENCE_MS = 20_000;

export interface EngineOptions {
  readonly config: Config;
  readonly log: Logger;
}

/** A running ledger. */
export interface Engine {
  /** Address of the HTTP interface; undefined when the roles do not include the api. */
  readonly url: string | undefined;
  readonly databaseUrl: string;
  /** Address of `/metrics` and `/health` of this process; undefined without METRICS_PORT. */
  readonly metricsUrl: string | undefined;
  /** Stops taking requests, answers what was taken, stops the roles and, if it is ours, Postgres. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts the configured roles in this process.
 * @throws EngineStartError, EngineRunningError, EmbeddedPostgresError, MigrationError, NotDurableError: each names the way out
 */
export async function startEngine({ config, log }: EngineOptions): Promise<Engine> {
  const stops: (() => Promise<void>)[] = [];
  let stopped: Promise<void> | undefined;
  const watch = new ProcessWatch({ config, log });
  const stop = (): Promise<void> => {
    watch.stopping();
    return (stopped ??= stopAll(stops));
  };
  try {
    // First to come and last to go: a start or a stop that takes long can be watched too.
    await watch.listen();
    stops.push(() => watch.stop());
    const embedded = await openPostgres({ config, log });
    if (embedded) stops.push(() => embedded.stop());
    const databaseUrl = embedded?.url ?? config.databaseUrl!;
    await migrateAll(databaseUrl, { logElsewhere: config.eventStoreUrl !== undefined }).catch(
      (error: unknown) => {
        throw embedded ? error : databaseError(error, databaseUrl);
      },
    );
    const roles = config.roles.filter((role): role is BackgroundRole => role in BACKGROUND_ROLES);
    const thread = roles.length > 0 ? startBackgroundThread({ config, databaseUrl, roles }, log) : undefined;
    if (thread) {
      stops.push(() => thread.stop());
      watch.follow(thread);
    }
    const url = config.roles.includes('api')
      ? await startApi({ config, log, databaseUrl, stops, monitor: watch.main.monitor('api') })
      : undefined;
    await thread?.started;
    if (url !== undefined) await embedded?.announce(url);
    watch.started();
    return { url, databaseUrl, metricsUrl: watch.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openPostgres({ config, log }: EngineOptions): Promise<EmbeddedPostgres | undefined> {
  if (config.databaseUrl !== undefined) return undefined;
  return startEmbeddedPostgres({ dataDir: config.dataDir, log: (message) => log.info({}, message) });
}

/** Loaded only where it runs: a process without the api starts without Nest. */
async function startApi(options: ApiRoleOptions): Promise<string> {
  const { openApi } = await import('./open-api.js');
  return openApi(options);
}

/** In reverse order of starting; one that fails to stop does not keep the others from stopping. */
async function stopAll(stops: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of stops.reverse()) {
    // A connection to a database that has gone silent never ends by itself.
    const patience = sleep(STOP_PATIENCE_MS, undefined, { ref: false }).then(() => {
      throw new Error(`A part of the engine did not stop within ${STOP_PATIENCE_MS / 1000} s.`);
    });
    await Promise.race([stop(), patience]).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, 'The engine did not stop cleanly.');
}
