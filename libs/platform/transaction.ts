import type { Pool, PoolClient } from 'pg';

/**
 * Runs `work` between begin and commit, or rolls back and throws what it threw. After a failure the connection is given
 * up: whatever state it is in, its transaction ends with it.
 */
export async function inTransaction<T>(pool: Pool, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    const { command } = await client.query('commit');
    // Postgres answers the commit of a failed transaction with a rollback, and calls that a success.
    if (command !== 'COMMIT')
      throw new Error('The transaction had failed before its commit: nothing was kept.');
    return result;
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.release(broken);
  }
}
