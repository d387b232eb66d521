import type { Client } from 'pg';

/** Runs `work` between begin and commit, or rolls back and throws what it threw. */
export async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    // The connection itself may be what failed; its error is the one worth reporting.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
