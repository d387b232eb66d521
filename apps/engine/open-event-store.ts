import {
  type EventStoreDbOptions,
  openEventStoreDb,
} from '#libs/event-store-eventstoredb/eventstoredb-event-store.js';
import {
  openPostgresEventStore,
  type PostgresEventStoreOptions,
} from '#libs/event-store-postgres/postgres-event-store.js';
import type { EventStore } from '#libs/event-store/port.js';
import { bindLog } from '#libs/platform/bound-log.js';
import type { Config } from '#libs/platform/config.js';
import { eventStoreError } from './start-error.js';

export interface OpenEventStoreOptions {
  readonly config: Pick<Config, 'eventStoreUrl' | 'eventStoreNamespace'>;
  /** Migrated. */
  readonly databaseUrl: string;
  /** How gently this process uses a log that is kept in Postgres. */
  readonly postgres?: Pick<PostgresEventStoreOptions, 'maxBatchesInFlight' | 'batchEventsMax'>;
}

/**
 * The log that the configuration names: an EventStoreDB, or else Postgres. The database is bound to it.
 * @throws EngineStartError when it is another log than the database's, or cannot be reached; NotDurableError
 */
export async function openEventStore({
  config,
  databaseUrl,
  postgres,
}: OpenEventStoreOptions): Promise<EventStore> {
  const { eventStoreUrl: url, eventStoreNamespace: namespace } = config;
  const store =
    url === undefined
      ? await openPostgresEventStore({ url: databaseUrl, ...postgres })
      : await openRemote({ url, ...(namespace === undefined ? {} : { namespace }) });
  const place = url === undefined ? 'this Postgres' : placeOf(url, namespace);
  try {
    await bindLog(databaseUrl, { logId: store.logId, place });
    return store;
  } catch (error) {
    await store.close();
    throw eventStoreError(error);
  }
}

async function openRemote(options: EventStoreDbOptions): Promise<EventStore> {
  return openEventStoreDb(options).catch((error: unknown) => {
    throw eventStoreError(error);
  });
}

/** Without login, which is nobody's business in a table or a message. */
function placeOf(url: string, namespace: string | undefined): string {
  const hosts = url
    .replace(/^[^/]*\/\//, '')
    .replace(/^[^/?]*@/, '')
    .replace(/[/?].*$/, '');
  return `the event store at ${hosts}${namespace === undefined ? '' : `, namespace ${namespace}`}`;
}
