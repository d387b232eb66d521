import { createCommandHandlers } from '#libs/application/commands/handlers.js';
import { createWritePath, STANDARD_TERMS } from '#libs/application/write-path.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { systemClock } from '#libs/kernel/clock.js';
import type { Config } from '#libs/platform/config.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#libs/platform/embedded-postgres.js';
import type { Logger } from '#libs/platform/logging.js';
import { createPool } from '#libs/platform/postgres.js';
import { createApi } from '#apps/api/create-api.js';
import { postgresReadModels } from '#apps/api/read/postgres-read-models.js';
import { prepareLedgerReadModels } from '#apps/projector/prepare.js';
import { startBackgroundThread } from './background-thread.js';
import { migrateAll } from './migrate-all.js';
import { BACKGROUND_ROLES, type BackgroundRole } from './roles.js';
import { signingKeyOf } from './signing-key.js';

export interface EngineOptions {
  readonly config: Config;
  readonly log: Logger;
}

/** A running ledger. */
export interface Engine {
  /** Address of the HTTP interface; undefined when the roles do not include the api. */
  readonly url: string | undefined;
  readonly databaseUrl: string;
  /** Stops taking requests, answers what was taken, stops the roles and, if it is ours, Postgres. May be called twice. */
  stop(): Promise<void>;
}

const READ_CONNECTIONS_MAX = 8;

/**
 * Starts the configured roles in this process.
 * @throws EngineRunningError, EmbeddedPostgresError, MigrationError, NotDurableError: each names the way out
 */
export async function startEngine({ config, log }: EngineOptions): Promise<Engine> {
  const stops: (() => Promise<void>)[] = [];
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= stopAll(stops));
  try {
    const embedded = await openPostgres({ config, log });
    if (embedded) stops.push(() => embedded.stop());
    const databaseUrl = embedded?.url ?? config.databaseUrl!;
    await migrateAll(databaseUrl);
    const url = config.roles.includes('api') ? await openApi({ config, log }, databaseUrl, stops) : undefined;
    const roles = config.roles.filter((role): role is BackgroundRole => role in BACKGROUND_ROLES);
    if (roles.length > 0) {
      const thread = startBackgroundThread({ databaseUrl, roles, logLevel: config.logLevel }, log);
      stops.push(() => thread.stop());
    }
    if (url !== undefined) await embedded?.announce(url);
    return { url, databaseUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openPostgres({ config, log }: EngineOptions): Promise<EmbeddedPostgres | undefined> {
  if (config.databaseUrl !== undefined) return undefined;
  return startEmbeddedPostgres({ dataDir: config.dataDir, log: (message) => log.info({}, message) });
}

async function openApi(
  { config, log }: EngineOptions,
  databaseUrl: string,
  stops: (() => Promise<void>)[],
): Promise<string> {
  const store = await openPostgresEventStore({ url: databaseUrl });
  stops.push(() => store.close());
  await prepareLedgerReadModels({ databaseUrl, store });
  const pool = createPool({
    url: databaseUrl,
    applicationName: 'ledger-api-read',
    max: READ_CONNECTIONS_MAX,
  });
  stops.push(() => pool.end());
  const terms = { ...STANDARD_TERMS, plans: { ...STANDARD_TERMS.plans, planCredit: config.planCredit } };
  const path = createWritePath({ store, clock: systemClock, terms });
  stops.push(() => path.close());
  const api = await createApi({
    store,
    reads: postgresReadModels(pool, store),
    commandHandlers: createCommandHandlers(path),
    terms,
    clock: systemClock,
    creatorFeeMax: config.creatorFeeMax,
    signingKey: await signingKeyOf(config),
    logger: log,
  });
  stops.push(() => api.close());
  await api.listen(config.port, config.host);
  return addressOf(await api.getUrl());
}

/** The address as a person would type it. */
const addressOf = (url: string): string => url.replace('[::1]', 'localhost');

/** In reverse order of starting; one that fails to stop does not keep the others from stopping. */
async function stopAll(stops: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of stops.reverse()) await stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, 'The engine did not stop cleanly.');
}
