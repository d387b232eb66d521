import { join } from 'node:path';
import type { ClientBase } from 'pg';
import { migrate, type MigrationResult } from '#libs/platform/migrations.js';

/** Files of the log's schema; the build copies them beside the compiled code. */
const DIRECTORY = join(import.meta.dirname, 'migrations');

/**
 * Brings schema `log` up to date. `client` is a connection of the caller's own that may create roles and schemas.
 * @throws MigrationError
 */
export function migrateEventStore(client: ClientBase): Promise<MigrationResult> {
  return migrate(client, { name: 'event-store', directory: DIRECTORY });
}
