import type { Pool } from 'pg';
import { platformSql } from './sql-file.js';

const READ_LEADERS = { name: 'read-leaders', text: platformSql('read-leaders.sql') };

/** Those of the names that some process leads at this moment, here or elsewhere: see `runAsLeader`. */
export async function readLeaders(
  pool: Pick<Pool, 'query'>,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ name: string }>({ ...READ_LEADERS, values: [[...names]] });
  return new Set(rows.map(({ name }) => name));
}
