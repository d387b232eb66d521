import {
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

/** What became of each idempotency key, scoped to principal and stream. */
export const commandOutcomes: Projection = {
  name: 'command-outcomes',
  version: 1,
  schemaSql: sqlFile(import.meta.dirname, 'schema.sql'),
  viewsSql: sqlFile(import.meta.dirname, 'views.sql'),
  tables: [outcomes],
  project,
};

function project({ stream, revision, position, metadata }: LoggedEvent): readonly Change[] {
  const { principal, key, bodyHash } = metadata;
  return [
    outcomes.change({
      stream,
      key,
      principal,
      bodyHash,
      firstRevision: revision,
      lastRevision: revision,
      firstPosition: position,
      lastPosition: position,
    }),
  ];
}
