import type { Position } from '#libs/event-store/port.js';
import type { Queryable } from './queryable.js';

/** What was read, and the place in the log it shows: both from one snapshot. */
export interface AsOf<T> {
  readonly logId: string;
  readonly position: Position;
  /** When the store recorded the event at `position`, milliseconds since the epoch; 0 before the first. */
  readonly time: number;
  readonly value: T;
}

interface CheckpointColumns {
  readonly as_of_log: string;
  readonly as_of_position: string;
  readonly as_of_ms: string;
}

export interface AsOfQuery {
  /** Of the prepared statement, unique in the program; without it the query is planned for its values each time. */
  readonly name?: string;
  /**
   * One statement, so one snapshot: selects `as_of_log`, `as_of_position` and `as_of_ms` from a checkpoint view, left
   * joined with the rows asked for.
   */
  readonly text: string;
  /** A column that is null only when there was no row to join. */
  readonly key: string;
}

/** Rows (bigint and numeric columns as decimal strings) with the position they show. */
export async function queryAsOf<R extends object>(
  db: Queryable,
  query: AsOfQuery,
  values: readonly unknown[] = [],
): Promise<AsOf<readonly R[]>> {
  const { name, text, key } = query;
  const statement = { text, values: [...values], ...(name === undefined ? {} : { name }) };
  const { rows } = await db.query<R & CheckpointColumns>(statement);
  const [first] = rows;
  if (first === undefined) {
    throw new Error(`A read model query found no checkpoint: a projector makes one when it starts.`);
  }
  return {
    logId: first.as_of_log,
    position: BigInt(first.as_of_position),
    time: Number(first.as_of_ms),
    value: rows.filter((row) => (row as Readonly<Record<string, unknown>>)[key] !== null),
  };
}

/** The same place in the log with another value. */
export const withValue = <T>({ logId, position, time }: AsOf<unknown>, value: T): AsOf<T> => ({
  logId,
  position,
  time,
  value,
});
