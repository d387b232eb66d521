import { join } from 'node:path';
import type { MigrationSet } from '#libs/platform/migrations.js';

/** Schema `payouts`, for `migrate`. */
export const PAYOUTS_MIGRATIONS: MigrationSet = {
  name: 'payouts',
  directory: join(import.meta.dirname, 'migrations'),
};
