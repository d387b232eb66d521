import { randomBytes, randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApi } from '#apps/api/create-api.js';
import type { ApiDeps } from '#apps/api/deps.js';
import { postgresReadModels } from '#apps/api/read/postgres-read-models.js';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { runRoles } from '#apps/engine/roles.js';
import { prepareLedgerReadModels } from '#apps/projector/prepare.js';
import { createCommandHandlers } from '#libs/application/commands/handlers.js';
import { createWritePath, STANDARD_TERMS } from '#libs/application/write-path.js';
import type { EventStore } from '#libs/event-store/port.js';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';
import { systemClock } from '#libs/kernel/clock.js';
import { createLogger } from '#libs/platform/logging.js';
import { createPool } from '#libs/platform/postgres.js';
import { createTestDatabase } from '#test/support/components/postgres.js';
import { type Answer, type HttpClient, httpClient } from './http-client.js';

const CREATOR_FEE_MAX = 100_000_000n;
const READ_CONNECTIONS_MAX = 4;

/** A whole ledger in this process: Postgres, write path, read models, settlement and the api on a free port. */
export interface OpenLedger {
  readonly http: HttpClient;
  readonly store: EventStore;
  readonly app: NestFastifyApplication;
  readonly databaseUrl: string;
  /** What the api logged as unexpected. */
  readonly faults: readonly object[];
  close(): Promise<void>;
}

export interface OpenLedgerOptions {
  readonly api?: Partial<ApiDeps>;
  /** False: nothing follows the log, so reads stay where they are. Default true. */
  readonly roles?: boolean;
}

export async function openLedger({ api = {}, roles = true }: OpenLedgerOptions = {}): Promise<OpenLedger> {
  const database = await createTestDatabase();
  const databaseUrl = database.url;
  await migrateAll(databaseUrl);
  const store = await openPostgresEventStore({ url: databaseUrl });
  await prepareLedgerReadModels({ databaseUrl, store });
  const pool = createPool({ url: databaseUrl, applicationName: 'test-api-read', max: READ_CONNECTIONS_MAX });
  const path = createWritePath({ store, clock: systemClock });
  const faults: object[] = [];
  const app = await createApi({
    store,
    reads: postgresReadModels(pool, store),
    commandHandlers: createCommandHandlers(path),
    terms: STANDARD_TERMS,
    clock: systemClock,
    creatorFeeMax: CREATOR_FEE_MAX,
    signingKey: randomBytes(32),
    logger: {
      error: (fields: object) => faults.push(fields),
      warn: (fields: object) => faults.push(fields),
    },
    ...api,
  });
  await app.listen(0, '127.0.0.1');
  const ending = new AbortController();
  const log = createLogger({ level: 'fatal', name: 'test' });
  const running = roles
    ? runRoles(['projector', 'settlement'], { databaseUrl, store, log, signal: ending.signal })
    : Promise.resolve();
  return {
    http: httpClient(await app.getUrl()),
    store,
    app,
    databaseUrl,
    faults,
    close: async () => {
      await app.close();
      ending.abort();
      await running;
      await path.close();
      await pool.end();
      await store.close();
      await database.drop();
    },
  };
}

/** A command under a key of its own that must succeed. */
export async function done(http: HttpClient, path: string, body: unknown): Promise<Answer> {
  const answer = await http.post(path, { body, key: randomUUID() });
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.text}`);
  return answer;
}
