import { businessIdsOf } from '#libs/ledger/business-ids.js';
import {
  appendTable,
  type Change,
  type LoggedEvent,
  mergeTable,
  type Projection,
} from '#libs/projection-runner/projection.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

/** The events of one command, or a part of them. */
export interface OutcomeRow {
  readonly stream: string;
  readonly key: string;
  readonly principal: string;
  readonly bodyHash: string;
  readonly firstRevision: number;
  readonly lastRevision: number;
  readonly firstPosition: bigint;
  readonly lastPosition: bigint;
}

export const outcomes = mergeTable<OutcomeRow>(
  'outcomes',
  [
    'stream',
    'key',
    'principal',
    'bodyHash',
    'firstRevision',
    'lastRevision',
    'firstPosition',
    'lastPosition',
  ],
  {
    // A key is printable: a line break cannot be part of it.
    key: (row) => `${row.stream}\n${row.key}\n${row.principal}`,
    combine: (earlier, later) => ({
      ...earlier,
      lastRevision: later.lastRevision,
      lastPosition: later.lastPosition,
    }),
  },
);

/** One use of a business id by an event of the stream. */
export interface UsedIdRow {
  readonly position: bigint;
  readonly revision: number;
  readonly stream: string;
  readonly id: string;
}

export const usedIds = appendTable<UsedIdRow>('used_ids', ['position', 'revision', 'stream', 'id']);

/** What became of each idempotency key, scoped to principal and stream, and which events used which business ids. */
export const commandOutcomes: Projection = {
  name: 'command-outcomes',
  // Also in views.sql: a reader asks for the version it was written for.
  version: 2,
  schemaSql: sqlFile(import.meta.dirname, 'schema.sql'),
  viewsSql: sqlFile(import.meta.dirname, 'views.sql'),
  tables: [outcomes, usedIds],
  project,
};

function project(logged: LoggedEvent): readonly Change[] {
  const { stream, revision, position, metadata } = logged;
  const { principal, key, bodyHash } = metadata;
  const outcome = outcomes.change({
    stream,
    key,
    principal,
    bodyHash,
    firstRevision: revision,
    lastRevision: revision,
    firstPosition: position,
    lastPosition: position,
  });
  const ids = businessIdsOf(logged.event);
  return ids.length === 0
    ? [outcome]
    : [outcome, ...ids.map((id) => usedIds.change({ position, revision, stream, id }))];
}
