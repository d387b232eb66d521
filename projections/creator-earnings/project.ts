import {
  type Change,
  type LoggedEvent,
  mergeTable,
  type Projection,
} from '#libs/projection-runner/projection.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const sql = (file: string): string => sqlFile(import.meta.dirname, file);

/** To be added to what a creator has earned. */
export interface CreatorEarningsRow {
  readonly creatorId: string;
  /** Credits. */
  readonly accrued: bigint;
  readonly promptSources: number;
  readonly flowSources: number;
  readonly firstEarnedAtMs: number;
  readonly lastEarnedAtMs: number;
}

export const creatorEarningsRows = mergeTable<CreatorEarningsRow>(
  'creator_earnings',
  ['creatorId', 'accrued', 'promptSources', 'flowSources', 'firstEarnedAtMs', 'lastEarnedAtMs'],
  {
    key: (row) => row.creatorId,
    combine: (earlier, later) => ({
      creatorId: later.creatorId,
      accrued: earlier.accrued + later.accrued,
      promptSources: earlier.promptSources + later.promptSources,
      flowSources: earlier.flowSources + later.flowSources,
      firstEarnedAtMs: Math.min(earlier.firstEarnedAtMs, later.firstEarnedAtMs),
      lastEarnedAtMs: Math.max(earlier.lastEarnedAtMs, later.lastEarnedAtMs),
    }),
    sql: sql('add-earnings.sql'),
  },
);

/** What each creator has earned. */
export const creatorEarnings: Projection = {
  name: 'creator-earnings',
  version: 1,
  schemaSql: sql('schema.sql'),
  viewsSql: sql('views.sql'),
  tables: [creatorEarningsRows],
  project,
};

function project({ event }: LoggedEvent): readonly Change[] {
  if (event.type !== 'CreatorPaid') return [];
  return [
    creatorEarningsRows.change({
      creatorId: event.creatorId,
      accrued: event.amount,
      promptSources: event.source.kind === 'prompt' ? 1 : 0,
      flowSources: event.source.kind === 'flow' ? 1 : 0,
      firstEarnedAtMs: event.earnedAt,
      lastEarnedAtMs: event.earnedAt,
    }),
  ];
}
