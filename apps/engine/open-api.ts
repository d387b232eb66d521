import { createCommandHandlers } from '#libs/application/commands/handlers.js';
import { createWritePath, STANDARD_TERMS } from '#libs/application/write-path.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { systemClock } from '#libs/kernel/clock.js';
import type { Config } from '#libs/platform/config.js';
import type { Logger } from '#libs/platform/logging.js';
import { createPool } from '#libs/platform/postgres.js';
import { createApi } from '#apps/api/create-api.js';
import { postgresReadModels } from '#apps/api/read/postgres-read-models.js';
import { prepareLedgerReadModels } from '#apps/projector/prepare.js';
import { signingKeyOf } from './signing-key.js';
import { listenError } from './start-error.js';

export interface ApiRoleOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly databaseUrl: string;
  /** Gets the ways to stop what is started, in order of starting. */
  readonly stops: (() => Promise<void>)[];
}

const READ_CONNECTIONS_MAX = 8;

/** Role `api`: store, write path, read models and the HTTP interface; its address. */
export async function openApi({ config, log, databaseUrl, stops }: ApiRoleOptions): Promise<string> {
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
  await api.listen(config.port, config.host).catch((error: unknown) => {
    throw listenError(error, config);
  });
  // As a person would type it.
  return (await api.getUrl()).replace('[::1]', 'localhost');
}
