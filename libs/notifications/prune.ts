import type { Pool } from 'pg';
import { statement } from './sql-file.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** History of what was sent, and until when it can be sent again by hand. */
export const DELIVERIES_KEPT_MS = 30 * DAY_MS;
/** In the app. Longer than any event could come again. */
export const MESSAGES_KEPT_MS = 365 * DAY_MS;
const TOLD_LOTS_KEPT_MS = DAY_MS;
const BATCH_SIZE = 1_000;

const PRUNE = statement('prune');

/** Removes what has served its time, in small steps. Answers how many rows went. */
export async function prune(pool: Pool, now: number, signal: AbortSignal): Promise<number> {
  let all = 0;
  while (!signal.aborted) {
    const { rows } = await pool.query<{ removed: number }>({
      ...PRUNE,
      values: [now - DELIVERIES_KEPT_MS, now - MESSAGES_KEPT_MS, now - TOLD_LOTS_KEPT_MS, BATCH_SIZE],
    });
    const { removed } = rows[0]!;
    all += removed;
    if (removed === 0) break;
  }
  return all;
}
