import { periodStart } from '#libs/kernel/period.js';
import { type AsOf, queryAsOf, withValue } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const query = (name: string) => ({ name, text: sqlFile(import.meta.dirname, `${name}.sql`), key: 'user_id' });
const DUE_HOLDS = query('due-holds');
const DUE_LOTS = query('due-lots');
const DUE_PERIODS = query('due-periods');

/** What time does to a wallet by itself: holds time out, lots lapse, periods are rolled. */
export type DueKind = 'hold' | 'lot' | 'period';

/** A wallet that time has made something due for, and since when; milliseconds since the epoch. */
export interface DueWallet {
  readonly userId: string;
  readonly dueAt: number;
}

export interface DueQuestion {
  readonly kind: DueKind;
  /** What is due later is left out. */
  readonly until: number;
  /** What was due then or earlier is left out, the last row of the page before too. */
  readonly after: DueWallet;
  readonly limit: number;
}

interface DueColumns {
  readonly user_id: string;
  readonly due_at_ms: string;
}

/**
 * A page of wallets with something due of one kind, by the time it became due and then by user; a wallet may be on it
 * twice. Monthly lots lapse with their period, and a period is due for wallets only that somebody has moved in the one
 * before (domain rules, section 3).
 */
export async function dueWallets(db: Queryable, question: DueQuestion): Promise<AsOf<readonly DueWallet[]>> {
  const found = await ask(db, question);
  return withValue(
    found,
    found.value.map((row) => ({ userId: row.user_id, dueAt: Number(row.due_at_ms) })),
  );
}

function ask(
  db: Queryable,
  { kind, until, after, limit }: DueQuestion,
): Promise<AsOf<readonly DueColumns[]>> {
  const { dueAt, userId } = after;
  if (kind !== 'period') {
    return queryAsOf<DueColumns>(db, kind === 'hold' ? DUE_HOLDS : DUE_LOTS, [until, dueAt, userId, limit]);
  }
  const start = periodStart(until);
  const ended = periodStart(start - 1);
  // The period began when it became due: none of its wallets comes before that, or all that come after a user.
  const from = dueAt < start ? '' : userId;
  return queryAsOf<DueColumns>(db, DUE_PERIODS, [start, ended, from, limit]);
}
