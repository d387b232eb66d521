import type { Queryable } from './preferences.js';
import { statement } from './sql-file.js';

/** What waits to be sent by one channel. */
export interface Queue {
  readonly channel: 'email' | 'webhook';
  readonly waiting: number;
  /** Of them, those whose time has come. */
  readonly due: number;
  /** How long the oldest of those has been due, milliseconds. */
  readonly oldestDueMs: number;
}

const QUEUE = statement('queue');

export async function readQueues(db: Queryable, now: number): Promise<readonly Queue[]> {
  const { rows } = await db.query<{
    channel: Queue['channel'];
    waiting: number;
    due: number;
    oldest_due_ms: string;
  }>({ ...QUEUE, values: [now] });
  const empty = { waiting: 0, due: 0, oldest_due_ms: '0' };
  return (['email', 'webhook'] as const).map((channel) => {
    const { waiting, due, oldest_due_ms: oldest } = rows.find((row) => row.channel === channel) ?? empty;
    return { channel, waiting, due, oldestDueMs: Number(oldest) };
  });
}
