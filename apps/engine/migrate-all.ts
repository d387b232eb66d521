import { migrateEventStore } from '#libs/event-store-postgres/migrate.js';
import { PLATFORM_MIGRATIONS } from '#libs/platform/checkpoints.js';
import { migrate } from '#libs/platform/migrations.js';
import { connectClient } from '#libs/platform/postgres.js';

/** Brings every schema up to date; several processes may start at once. @throws MigrationError */
export async function migrateAll(databaseUrl: string): Promise<void> {
  const client = await connectClient({
    url: databaseUrl,
    applicationName: 'ledger-migrate',
    statementTimeoutMs: 0,
  });
  try {
    await migrate(client, PLATFORM_MIGRATIONS);
    await migrateEventStore(client);
  } finally {
    await client.end();
  }
}
