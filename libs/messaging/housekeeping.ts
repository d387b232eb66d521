import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { messagingSql } from './sql-file.js';
import type { Tally } from './status.js';

/** Inbox rows are kept so long, for whoever asks what became of a message. High water is kept for ever. */
export const INBOX_RETENTION_DAYS = 30;
/** Parked messages that were handled in the end; dropped ones stay. */
export const PARKED_RETENTION_DAYS = 90;
/** A worker says so often that it is there. */
export const SEEN_EVERY_MS = 5_000;

const PRUNE_EVERY_MS = 10 * 60_000;
const PRUNE_ROWS = 10_000;

const SQL = {
  register: messagingSql('register-consumer.sql'),
  waiting: messagingSql('waiting-count.sql'),
  pruneInbox: messagingSql('prune-inbox.sql'),
  pruneParked: messagingSql('prune-parked.sql'),
};

export interface HousekeepingOptions {
  readonly name: string;
  readonly logId: string;
  readonly pool: Pool;
  readonly tally: Tally;
  readonly signal: AbortSignal;
}

/** Says that a worker of the consumer is there, and that its positions are of this log; gives the log it belongs to. */
export async function registerConsumer(
  pool: Pool,
  { name, logId }: { readonly name: string; readonly logId: string },
): Promise<string> {
  const { rows } = await pool.query<{ log_id: string }>(SQL.register, [name, logId]);
  return rows[0]!.log_id;
}

/** Until the signal fires: shows that the worker lives, counts what waits, and removes what is out of date. */
export async function keepHouse({ name, logId, pool, tally, signal }: HousekeepingOptions): Promise<void> {
  let prunedAt = -Infinity;
  while (!signal.aborted) {
    await registerConsumer(pool, { name, logId });
    const { rows } = await pool.query<{ waiting: number; streams: number }>(SQL.waiting, [name]);
    tally.waiting = { messages: rows[0]!.waiting, streams: rows[0]!.streams };
    if (performance.now() - prunedAt > PRUNE_EVERY_MS) {
      await prune(pool, signal);
      prunedAt = performance.now();
    }
    await sleep(SEEN_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Removes inbox rows and handled parked messages past their time, a few thousand at once. */
export async function prune(pool: Pool, signal?: AbortSignal): Promise<void> {
  await pruneAll(pool, SQL.pruneInbox, INBOX_RETENTION_DAYS, signal);
  await pruneAll(pool, SQL.pruneParked, PARKED_RETENTION_DAYS, signal);
}

async function pruneAll(pool: Pool, text: string, days: number, signal?: AbortSignal): Promise<void> {
  let removed: number;
  do {
    removed = (await pool.query(text, [days, PRUNE_ROWS])).rowCount ?? 0;
  } while (removed === PRUNE_ROWS && !signal?.aborted);
}
