import type { Client } from 'pg';
import { connectClient } from '#libs/platform/postgres.js';
import { PROJECTIONS_ROLE } from './migrate.js';
import { runnerSql } from './sql-file.js';

const SQL = { session: runnerSql('session.sql'), tryLead: runnerSql('try-lead.sql') };

/** What a name is locked for. */
export type Lock = 'run' | 'rebuild';

/** A connection that may write read models and nothing else. The caller ends it. */
export async function connectWriter(url: string, applicationName: string): Promise<Client> {
  const client = await connectClient({
    url,
    applicationName: applicationName.slice(0, 63),
    role: PROJECTIONS_ROLE,
  });
  try {
    await client.query(SQL.session);
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
}

/**
 * Takes the lock of a projection, held until the connection ends. It is the connection that writes: whoever loses the
 * lock can write no more. False when another process holds it.
 */
export async function tryLock(client: Client, lock: Lock, projection: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(SQL.tryLead, [`projection.${lock}:${projection}`]);
  return rows[0]!.locked;
}
