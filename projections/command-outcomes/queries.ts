import { type AsOf, queryAsOf, withValue } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const LOOK_UP = {
  name: 'look-up-outcomes',
  text: sqlFile(import.meta.dirname, 'look-up-outcomes.sql'),
  key: 'stream',
};

/** An idempotency key, scoped to principal and stream. */
export interface OutcomeKey {
  readonly principal: string;
  readonly stream: string;
  readonly key: string;
}

/** What a key did: the events of the stream from `firstRevision` to `lastRevision` that carry it. */
export interface OutcomeView extends OutcomeKey {
  readonly bodyHash: string;
  readonly firstRevision: number;
  readonly lastRevision: number;
  readonly firstPosition: bigint;
  /** The position that was answered to the caller. */
  readonly lastPosition: bigint;
}

interface OutcomeColumns {
  readonly stream: string;
  readonly key: string;
  readonly principal: string;
  readonly body_hash: string;
  readonly first_revision: number;
  readonly last_revision: number;
  readonly first_position: string;
  readonly last_position: string;
}

/**
 * The outcomes of those keys that had an effect at or before the answer's position. After a crash of Postgres the
 * position may be lower than one seen before: compare it with what is known otherwise, and read the stream for the rest.
 */
export async function lookUpOutcomes(
  db: Queryable,
  keys: readonly OutcomeKey[],
): Promise<AsOf<readonly OutcomeView[]>> {
  const values = [
    keys.map(({ stream }) => stream),
    keys.map(({ key }) => key),
    keys.map(({ principal }) => principal),
  ];
  const found = await queryAsOf<OutcomeColumns>(db, LOOK_UP, values);
  return withValue(
    found,
    found.value.map((row) => ({
      principal: row.principal,
      stream: row.stream,
      key: row.key,
      bodyHash: row.body_hash,
      firstRevision: row.first_revision,
      lastRevision: row.last_revision,
      firstPosition: BigInt(row.first_position),
      lastPosition: BigInt(row.last_position),
    })),
  );
}
