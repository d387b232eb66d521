import type { AsOf } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';
import { commandOutcomes } from './project.js';

const LOOK_UP = {
  name: 'look-up-past',
  text: sqlFile(import.meta.dirname, 'look-up-past.sql'),
};
/** SQLSTATE: the views are made with the first copy. */
const NO_SUCH_VIEW = new Set(['42P01', '3F000']);

/** What is asked about one stream: of events up to and including revision `upTo` only. */
export interface PastQuestion {
  readonly stream: string;
  readonly upTo: number;
  /** Idempotency keys, scoped to their principal. */
  readonly keys: readonly { readonly principal: string; readonly key: string }[];
  /** Business ids, such as `run:<id>`. */
  readonly ids: readonly string[];
}

/** A key that had an effect: the events of the stream from `firstRevision` to `lastRevision` carry it. */
export interface FoundOutcome {
  readonly stream: string;
  readonly principal: string;
  readonly key: string;
  readonly bodyHash: string;
  readonly firstRevision: number;
  readonly lastRevision: number;
}

/** An id that was used: the revision of the last event that did. */
export interface FoundUse {
  readonly stream: string;
  readonly id: string;
  readonly revision: number;
}

export interface FoundPast {
  readonly keys: readonly FoundOutcome[];
  readonly ids: readonly FoundUse[];
}

/** Everything but the place is null in the one row of an answer that found nothing. */
interface Columns {
  readonly as_of_log: string;
  readonly as_of_position: string;
  readonly as_of_ms: string;
  readonly stream: string | null;
  readonly key: string | null;
  readonly principal: string | null;
  readonly body_hash: string | null;
  readonly first_revision: number | null;
  readonly last_revision: number | null;
  readonly id: string | null;
}

/** What was found, and the place in the log up to which nothing else was. */
export interface PastAnswer extends FoundPast {
  readonly position: AsOf<FoundPast>['position'];
}

/**
 * Answers for one log. The position may be lower than one seen before (a rebuild, a crash of Postgres): compare it with
 * what is known otherwise, and read the stream for the rest. `absent` while readers have no copy that this version of
 * the projection has made of this log.
 */
export const commandOutcomesLookup = (db: Queryable, { logId }: { readonly logId: string }) => ({
  async lookUp(questions: readonly PastQuestion[]): Promise<PastAnswer | 'absent'> {
    const found = await lookUpPast(db, questions);
    return found === undefined || found.logId !== logId
      ? 'absent'
      : { position: found.position, ...found.value };
  },
});

/** @returns undefined while readers have no copy that this version of the projection has made */
export async function lookUpPast(
  db: Queryable,
  questions: readonly PastQuestion[],
): Promise<AsOf<FoundPast> | undefined> {
  let rows: readonly Columns[];
  try {
    ({ rows } = await db.query<Columns>({ ...LOOK_UP, values: valuesOf(questions) }));
  } catch (error) {
    if (NO_SUCH_VIEW.has((error as { readonly code?: string }).code ?? '')) return undefined;
    throw error;
  }
  const [first] = rows;
  if (first === undefined) return undefined;
  return {
    logId: first.as_of_log,
    position: BigInt(first.as_of_position),
    time: Number(first.as_of_ms),
    value: {
      keys: rows.flatMap(({ stream, key, principal, ...row }) =>
        stream === null || key === null || principal === null
          ? []
          : [
              {
                stream,
                key,
                principal,
                bodyHash: row.body_hash!,
                firstRevision: row.first_revision!,
                lastRevision: row.last_revision!,
              },
            ],
      ),
      ids: rows.flatMap(({ stream, id, last_revision }) =>
        stream === null || id === null ? [] : [{ stream, id, revision: last_revision! }],
      ),
    },
  };
}

function valuesOf(questions: readonly PastQuestion[]): unknown[] {
  const keys = questions.flatMap(({ stream, upTo, keys: asked }) =>
    asked.map(({ principal, key }) => ({ stream, upTo, principal, key })),
  );
  const ids = questions.flatMap(({ stream, upTo, ids: asked }) => asked.map((id) => ({ stream, upTo, id })));
  return [
    keys.map(({ stream }) => stream),
    keys.map(({ key }) => key),
    keys.map(({ principal }) => principal),
    keys.map(({ upTo }) => upTo),
    ids.map(({ stream }) => stream),
    ids.map(({ id }) => id),
    ids.map(({ upTo }) => upTo),
    commandOutcomes.version,
  ];
}
