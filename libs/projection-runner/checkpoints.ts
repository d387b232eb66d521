import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Position } from '#libs/event-store/port.js';
import type { Queryable } from './queryable.js';
import { runnerSql } from './sql-file.js';

const READ_CHECKPOINTS = runnerSql('read-checkpoints.sql');
const POLL_MS = 10;

/** How far a projection's rows are. */
export interface ProjectionCheckpoint {
  readonly name: string;
  readonly logId: string;
  readonly position: Position;
  /** When the store recorded the event at `position`, milliseconds since the epoch; 0 before the first. */
  readonly recordedAt: number;
  /** Events of the log up to `position`: they cannot be told from the position, which has gaps on some stores. */
  readonly events: number;
}

interface CheckpointRow {
  readonly name: string;
  readonly log_id: string;
  readonly position: string;
  readonly recorded_at_ms: string;
  readonly events: string;
}

/** Checkpoints of all projections, by name. */
export async function readCheckpoints(db: Queryable): Promise<readonly ProjectionCheckpoint[]> {
  const { rows } = await db.query<CheckpointRow>({ name: 'read-checkpoints', text: READ_CHECKPOINTS });
  return rows.map((row) => ({
    name: row.name,
    logId: row.log_id,
    position: BigInt(row.position),
    recordedAt: Number(row.recorded_at_ms),
    events: Number(row.events),
  }));
}

/**
 * Waits until the rows of every named projection show `position`; false when they did not within the time. However
 * many wait on a pool, one query at a time asks for all of them.
 */
export async function waitForPosition(
  pool: Pool,
  projections: string | readonly string[],
  position: Position,
  timeoutMs: number,
): Promise<boolean> {
  const names = typeof projections === 'string' ? [projections] : projections;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const checkpoints = await pollOf(pool);
    const at = new Map(checkpoints.map((checkpoint) => [checkpoint.name, checkpoint.position]));
    if (names.every((name) => (at.get(name) ?? -1n) >= position)) return true;
    if (performance.now() >= deadline) return false;
    await sleep(POLL_MS);
  }
}

const polls = new WeakMap<Pool, Promise<readonly ProjectionCheckpoint[]>>();

/** The poll under way on the pool, or a new one. */
function pollOf(pool: Pool): Promise<readonly ProjectionCheckpoint[]> {
  const running = polls.get(pool);
  if (running) return running;
  const poll = readCheckpoints(pool).finally(() => polls.delete(pool));
  polls.set(pool, poll);
  return poll;
}
