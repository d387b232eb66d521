import { join } from 'node:path';
import type { ClientBase } from 'pg';
import { migrate, type MigrationResult } from '#libs/platform/migrations.js';

/** Role that may write read models and nothing else. */
export const PROJECTIONS_ROLE = 'ledger_projections';
/** Role that may read the views of schema `read` and nothing else. */
export const READERS_ROLE = 'ledger_readers';

/** Makes roles, schemas and the register of copies. `client` belongs to the owner of the database. */
export function migrateProjections(client: ClientBase): Promise<MigrationResult> {
  return migrate(client, { name: 'projections', directory: join(import.meta.dirname, 'migrations') });
}
