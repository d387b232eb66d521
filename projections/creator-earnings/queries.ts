import { type AsOf, queryAsOf, withValue } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const sql = (file: string): string => sqlFile(import.meta.dirname, file);
const READ_EARNINGS = { name: 'read-earnings', text: sql('read-earnings.sql'), key: 'creator_id' };
const TOP_CREATORS = { name: 'top-creators', text: sql('top-creators.sql'), key: 'creator_id' };

/** What a creator has earned; times in milliseconds since the epoch. */
export interface Earnings {
  readonly creatorId: string;
  /** Credits. Nothing is paid out yet, so all that was earned is accrued. */
  readonly earned: bigint;
  readonly accrued: bigint;
  readonly promptSources: bigint;
  readonly flowSources: bigint;
  readonly firstEarnedAt: number;
  readonly lastEarnedAt: number;
}

interface EarningsColumns {
  readonly creator_id: string;
  readonly accrued: string;
  readonly prompt_sources: string;
  readonly flow_sources: string;
  readonly first_earned_at_ms: string;
  readonly last_earned_at_ms: string;
}

/** The earnings of a creator; undefined before the first. */
export async function readEarnings(db: Queryable, creatorId: string): Promise<AsOf<Earnings | undefined>> {
  const found = await queryAsOf<EarningsColumns>(db, READ_EARNINGS, [creatorId]);
  const [row] = found.value;
  return withValue(found, row && earningsOf(row));
}

/** Creators by what they have earned, most first. */
export async function topCreators(db: Queryable, limit: number): Promise<AsOf<readonly Earnings[]>> {
  const found = await queryAsOf<EarningsColumns>(db, TOP_CREATORS, [limit]);
  return withValue(found, found.value.map(earningsOf));
}

const earningsOf = (row: EarningsColumns): Earnings => ({
  creatorId: row.creator_id,
  earned: BigInt(row.accrued),
  accrued: BigInt(row.accrued),
  promptSources: BigInt(row.prompt_sources),
  flowSources: BigInt(row.flow_sources),
  firstEarnedAt: Number(row.first_earned_at_ms),
  lastEarnedAt: Number(row.last_earned_at_ms),
});
