import {
  openPostgresEventStore,
  type PostgresEventStoreOptions,
} from '#libs/event-store-postgres/postgres-event-store.js';
import type { EventStore } from '#libs/event-store/port.js';
import type { Config } from '#libs/platform/config.js';

export interface OpenEventStoreOptions {
  readonly config: Pick<Config, 'eventStoreUrl'>;
  readonly databaseUrl: string;
  /** How gently this process uses a log that is kept in Postgres. */
  readonly postgres?: Pick<PostgresEventStoreOptions, 'maxBatchesInFlight' | 'batchEventsMax'>;
}

/**
 * The log that the configuration names: an EventStoreDB, or else Postgres.
 * @throws NotDurableError, StoreUnavailableError
 */
export async function openEventStore({ databaseUrl, postgres }: OpenEventStoreOptions): Promise<EventStore> {
  return openPostgresEventStore({ url: databaseUrl, ...postgres });
}
