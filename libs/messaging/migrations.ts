import { join } from 'node:path';
import type { MigrationSet } from '#libs/platform/migrations.js';

/** Schema `messaging`, for `migrate`. */
export const MESSAGING_MIGRATIONS: MigrationSet = {
  name: 'messaging',
  directory: join(import.meta.dirname, 'migrations'),
};
