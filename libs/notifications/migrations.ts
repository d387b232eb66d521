import { join } from 'node:path';
import type { MigrationSet } from '#libs/platform/migrations.js';

/** Schema `notifications`, for `migrate`. */
export const NOTIFICATIONS_MIGRATIONS: MigrationSet = {
  name: 'notifications',
  directory: join(import.meta.dirname, 'migrations'),
};
