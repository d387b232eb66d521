import { assertDurable } from '#libs/event-store-postgres/durability.js';
import { migrateEventStore } from '#libs/event-store-postgres/migrate.js';
import { MESSAGING_MIGRATIONS } from '#libs/messaging/migrations.js';
import { NOTIFICATIONS_MIGRATIONS } from '#libs/notifications/migrations.js';
import { PAYOUTS_MIGRATIONS } from '#libs/payouts/migrations.js';
import { PLATFORM_MIGRATIONS } from '#libs/platform/checkpoints.js';
import { migrate } from '#libs/platform/migrations.js';
import { connectClient } from '#libs/platform/postgres.js';

export interface MigrateOptions {
  /** The events are kept elsewhere: the database gets no log of its own. Default: they are kept here. */
  readonly logElsewhere?: boolean;
}

/**
 * Brings every schema up to date; several processes may start at once.
 * @throws MigrationError
 * @throws NotDurableError when a crash of this Postgres could lose what it has acknowledged: even without the log it
 *   holds payouts, and how far each worker came
 */
export async function migrateAll(
  databaseUrl: string,
  { logElsewhere = false }: MigrateOptions = {},
): Promise<void> {
  const client = await connectClient({
    url: databaseUrl,
    applicationName: 'ledger-migrate',
    statementTimeoutMs: 0,
  });
  try {
    await migrate(client, PLATFORM_MIGRATIONS);
    if (logElsewhere) await assertDurable(client);
    else await migrateEventStore(client);
    for (const set of [MESSAGING_MIGRATIONS, PAYOUTS_MIGRATIONS, NOTIFICATIONS_MIGRATIONS])
      await migrate(client, set);
  } finally {
    await client.end();
  }
}
