import pg from 'pg';
import { migrateEventStore } from '#libs/event-store-postgres/migrate.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';

/** A database of its own with an empty log in it. */
export function createLogDatabase(): Promise<TestDatabase> {
  return createTestDatabase({ name: 'log', prepare: (url) => withClient(url, migrateEventStore) });
}

export async function withClient(url: string, body: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await body(client);
  } finally {
    await client.end();
  }
}

/** Cuts every other connection to this database, as a restart or an administrator would. */
export async function cutConnections(url: string): Promise<void> {
  await withClient(url, (client) =>
    client.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    ),
  );
}
