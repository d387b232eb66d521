import { join } from 'node:path';
import type { Pool } from 'pg';
import { platformSql } from './sql-file.js';

/** Migrations of the platform's own tables, for `migrate`. */
export const PLATFORM_MIGRATIONS = {
  name: 'platform',
  directory: join(import.meta.dirname, 'migrations'),
} as const;

/** Durable checkpoints in Postgres; positions are texts of the form `<logId>-<position>`. */
export class PostgresCheckpoints {
  private readonly saveSql = platformSql('save-checkpoint.sql');

  constructor(private readonly pool: Pool) {}

  async load(name: string): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ saved: string }>({
      name: 'load-checkpoint',
      text: `select log_id || '-' || position as saved from platform.checkpoints where name = $1`,
      values: [name],
    });
    return rows[0]?.saved;
  }

  /** An older position than the saved one is ignored. A crash of Postgres may take the newest ones back. */
  async save(name: string, position: string): Promise<void> {
    await this.pool.query({ name: 'save-checkpoint', text: this.saveSql, values: [name, position] });
  }
}
