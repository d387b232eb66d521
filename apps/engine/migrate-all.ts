import { migrateEventStore } from '#libs/event-store-postgres/migrate.js';
import { MESSAGING_MIGRATIONS } from '#libs/messaging/migrations.js';
import { NOTIFICATIONS_MIGRATIONS } from '#libs/notifications/migrations.js';
import { PAYOUTS_MIGRATIONS } from '#libs/payouts/migrations.js';
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
    for (const set of [MESSAGING_MIGRATIONS, PAYOUTS_MIGRATIONS, NOTIFICATIONS_MIGRATIONS])
      await migrate(client, set);
  } finally {
    await client.end();
  }
}
