import { type AsOf, queryAsOf, withValue } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const query = (name: string, key: string) => ({
  name,
  text: sqlFile(import.meta.dirname, `${name}.sql`),
  key,
});
const EXPIRING_LOTS = query('expiring-lots', 'user_id');
const USERS_OF_PLANS = query('users-of-plans', 'user_id');
const COUNT_PLANS = query('count-plans', 'plan');

/** Credits that lapse at a time that is known. */
export interface LapsingLot {
  readonly userId: string;
  readonly lotId: string;
  /** Credits that are left and that no hold has reserved. */
  readonly free: bigint;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface LapsingQuestion {
  /** What lapses then or earlier is left out, and the last lot of the page before. */
  readonly after: Pick<LapsingLot, 'expiresAt' | 'userId' | 'lotId'>;
  /** What lapses later is left out. */
  readonly until: number;
  readonly limit: number;
}

interface LapsingColumns {
  readonly user_id: string;
  readonly lot_id: string;
  readonly expires_at_ms: string;
  readonly free: string;
}

/** A page of lots that lapse, by time, user and lot. */
export async function lapsingLots(
  db: Queryable,
  { after, until, limit }: LapsingQuestion,
): Promise<AsOf<readonly LapsingLot[]>> {
  const values = [after.expiresAt, until, after.userId, after.lotId, limit];
  const found = await queryAsOf<LapsingColumns>(db, EXPIRING_LOTS, values);
  return withValue(
    found,
    found.value.map((row) => ({
      userId: row.user_id,
      lotId: row.lot_id,
      free: BigInt(row.free),
      expiresAt: Number(row.expires_at_ms),
    })),
  );
}

/** A page of the users of some plans, as events left them, in the order of their ids; '' is before the first. */
export async function usersOfPlans(
  db: Queryable,
  {
    plans,
    after,
    limit,
  }: { readonly plans: readonly string[]; readonly after: string; readonly limit: number },
): Promise<AsOf<readonly string[]>> {
  const found = await queryAsOf<{ user_id: string }>(db, USERS_OF_PLANS, [[...plans], after, limit]);
  return withValue(
    found,
    found.value.map((row) => row.user_id),
  );
}

/** How many users each of the plans has. */
export async function countPlans(
  db: Queryable,
  plans: readonly string[],
): Promise<AsOf<ReadonlyMap<string, number>>> {
  const found = await queryAsOf<{ plan: string; users: number }>(db, COUNT_PLANS, [[...plans]]);
  const known = new Map(found.value.map(({ plan, users }) => [plan, users]));
  return withValue(found, new Map(plans.map((plan) => [plan, known.get(plan) ?? 0])));
}
