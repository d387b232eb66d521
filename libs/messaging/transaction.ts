import type { Pool, PoolClient } from 'pg';
import { HandlerOverdueError } from './errors.js';

/** Runs `work` between begin and commit, or rolls back and throws what it threw. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    const { command } = await client.query('commit');
    // Postgres answers the commit of a failed transaction with a rollback, and calls that a success.
    if (command !== 'COMMIT')
      throw new Error('The transaction had failed before its commit: nothing of it was kept.');
    return result;
  } catch (error) {
    // A statement of the handler may still be under way: only closing the connection ends it.
    if (error instanceof HandlerOverdueError) broken = error;
    else await client.query('rollback').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken);
  }
}
