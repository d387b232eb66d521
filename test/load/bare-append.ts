import { randomUUID } from 'node:crypto';
import { binaryEvent, EventStoreDBClient } from '@eventstore/db-client';
import { openPostgresEventStore } from '#libs/event-store-postgres/postgres-event-store.js';

/** An event to append, and the revision of the stream's last one. */
export interface BareEvent {
  readonly stream: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
  readonly revision: number;
}

/** The least there is to appending an event; the ceiling of what a charge costs on the same log. */
export interface BareLog {
  /** The position, as text. */
  append(event: BareEvent): Promise<string>;
  close(): Promise<void>;
}

/** Chooses the Append RPC, the adapter's own path; a server without TLS ignores them. */
const CREDENTIALS = { username: 'admin', password: 'changeit' };

/** The client alone where the log is on an event store, the store itself (group commit) where it is in Postgres. */
export async function openBareLog(env: NodeJS.ProcessEnv): Promise<BareLog> {
  const { EVENTSTORE_URL: url, EVENTSTORE_NAMESPACE: namespace, DATABASE_URL: database } = env;
  return url ? clientLog(url, namespace ? `${namespace}.` : '') : postgresLog(database!);
}

async function postgresLog(url: string): Promise<BareLog> {
  const store = await openPostgresEventStore({ url });
  return {
    append: async ({ stream, revision, ...event }) => {
      const { positions } = await store.append(stream, [{ id: randomUUID(), ...event }], {
        expected: revision,
      });
      return String(positions[0]);
    },
    close: () => store.close(),
  };
}

async function clientLog(url: string, prefix: string): Promise<BareLog> {
  const client = EventStoreDBClient.connectionString(url);
  return {
    append: async ({ stream, type, data, metadata, revision }) => {
      // Bytes as they are: the client would otherwise spend time on making JSON of what is JSON already.
      const event = binaryEvent({
        id: randomUUID(),
        type,
        data: Buffer.from(data),
        metadata: Buffer.from(metadata),
      });
      const { position } = await client.appendToStream(prefix + stream, event, {
        expectedRevision: BigInt(revision),
        credentials: CREDENTIALS,
      });
      return String(position?.commit);
    },
    close: () => client.dispose(),
  };
}
