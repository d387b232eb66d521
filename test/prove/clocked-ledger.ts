import { randomBytes } from 'node:crypto';
import { createApi } from '#apps/api/create-api.js';
import { postgresReadModels } from '#apps/api/read/postgres-read-models.js';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { runRoles } from '#apps/engine/roles.js';
import { prepareLedgerReadModels } from '#apps/projector/prepare.js';
import { createCatalogueExecutor } from '#libs/application/catalogue/definition.js';
import { followCatalogue } from '#libs/application/catalogue/follower.js';
import { createCatalogueHandlers } from '#libs/application/catalogue/handlers.js';
import { seedCatalogue } from '#libs/application/catalogue/seed.js';
import { createCommandHandlers } from '#libs/application/commands/handlers.js';
import { createWritePath } from '#libs/application/write-path.js';
import type { EventStore } from '#libs/event-store/port.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { type Clock, systemClock } from '#libs/kernel/clock.js';
import { STANDARD_CREATOR_TERMS } from '#libs/ledger/creator/terms.js';
import { loadConfig } from '#libs/platform/config.js';
import { createLogger } from '#libs/platform/logging.js';
import { createPool } from '#libs/platform/postgres.js';
import { createTestDatabase } from '#test/support/components/postgres.js';
import { NO_ROWS } from '#test/support/no-rows.js';

const READ_CONNECTIONS_MAX = 4;
const CREATOR_FEE_MAX = 100_000_000n;

/** A ledger in this process over a real Postgres, whose time a test sets. */
export interface ClockedLedger {
  readonly url: string;
  readonly store: EventStore;
  /** What it has logged as unexpected. */
  readonly faults: readonly object[];
  close(): Promise<void>;
}

/** The write path and the interface go by `clock`; what follows the log goes by the machine's. */
export async function openClockedLedger(clock: Clock): Promise<ClockedLedger> {
  const stops: (() => Promise<unknown>)[] = [];
  const database = await createTestDatabase();
  stops.push(() => database.drop());
  const databaseUrl = database.url;
  await migrateAll(databaseUrl);
  const store = await openPostgresEventStore({ url: databaseUrl });
  stops.push(() => store.close());
  await prepareLedgerReadModels({ databaseUrl, store });
  const pool = createPool({ url: databaseUrl, applicationName: 'prove-read', max: READ_CONNECTIONS_MAX });
  stops.push(() => pool.end());
  await seedCatalogue(store);
  const ending = new AbortController();
  const { signal } = ending;
  const catalogue = await followCatalogue({ store, clock: systemClock, signal });
  const path = createWritePath({ store, clock, terms: () => catalogue.terms() });
  const publications = createCatalogueExecutor({ store, clock });
  const faults: object[] = [];
  const seeFault = (fields: object): void => void faults.push(fields);
  const api = await createApi({
    store,
    reads: postgresReadModels(pool, store),
    ...NO_ROWS,
    commandHandlers: [...createCommandHandlers(path), ...createCatalogueHandlers(publications, catalogue)],
    catalogue,
    clock,
    creatorFeeMax: CREATOR_FEE_MAX,
    creatorTerms: STANDARD_CREATOR_TERMS,
    signingKey: randomBytes(32),
    logger: { error: seeFault, warn: seeFault },
  });
  await api.listen(0, '127.0.0.1');
  const log = createLogger({ level: 'fatal', name: 'prove' });
  const running = runRoles(['projector', 'settlement'], {
    config: loadConfig({ DATABASE_URL: databaseUrl }),
    databaseUrl,
    store,
    log,
    signal,
  });
  stops.push(async () => {
    await api.close();
    await Promise.all([path.close(), publications.close()]);
    ending.abort();
    await Promise.all([running, catalogue.stopped]);
  });
  return {
    url: await api.getUrl(),
    store,
    faults,
    close: async () => {
      for (const stop of stops.reverse()) await stop();
    },
  };
}
