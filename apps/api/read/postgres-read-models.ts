import type { Pool } from 'pg';
import { StoreUnavailableError } from '#libs/event-store/errors.js';
import type { EventStore } from '#libs/event-store/port.js';
import type { AsOf } from '#libs/projection-runner/as-of.js';
import { readCheckpoints, waitForPosition } from '#libs/projection-runner/checkpoints.js';
import { listLots } from '#projections/balances/lot-queries.js';
import { readWallet } from '#projections/balances/queries.js';
import { listPayouts, readEarnings, readStatement } from '#projections/creator-earnings/queries.js';
import { readTrialBalance } from '#projections/journal/queries.js';
import { pagePastRuns, pastRunsAsOf } from '#projections/plan-changes/queries.js';
import { listTransactions } from '#projections/transactions/queries.js';
import { listUnlockedFlows } from '#projections/unlocked-flows/queries.js';
import type { ReadModels } from './read-models.js';

/**
 * Connection lost, refused or shut down, or no answer in time: the question can be asked again. Classes 08, 53 and 57 of
 * SQLSTATE, and 55P03.
 */
const UNREACHABLE = /^(ECONN|EPIPE|ENOENT$|ETIMEDOUT$|08|53|57|55P03)/;

/**
 * The read models in Postgres, of the log that `store` holds.
 * Every method throws StoreUnavailableError when the database cannot be reached.
 */
export function postgresReadModels(pool: Pool, { logId }: Pick<EventStore, 'logId'>): ReadModels {
  const showing = async <T>(answer: Promise<AsOf<T>>): Promise<AsOf<T>> => {
    const found = await asking(answer);
    // Positions of another log mean nothing to a caller of this one.
    if (found.logId !== logId) {
      throw new Error(
        `The read models show log ${found.logId}, the event store is log ${logId}: rebuild them.`,
      );
    }
    return found;
  };
  return {
    wallet: (userId) => showing(readWallet(pool, userId)),
    lots: (filter) => showing(listLots(pool, filter)),
    transactions: (filter) => showing(listTransactions(pool, filter)),
    unlockedFlows: (userId) => showing(listUnlockedFlows(pool, userId)),
    earnings: (creatorId, at) => showing(readEarnings(pool, creatorId, at)),
    payouts: (filter) => showing(listPayouts(pool, filter)),
    statement: (creatorId, monthMs) => showing(readStatement(pool, creatorId, monthMs)),
    trialBalance: (asOf) => showing(readTrialBalance(pool, asOf === undefined ? {} : { asOf })),
    pastRunsAsOf: () => showing(pastRunsAsOf(pool)),
    pagePastRuns: (after, page) => asking(pagePastRuns(pool, after, page)),
    checkpoints: () => asking(readCheckpoints(pool)),
    waitFor: (view, position, timeoutMs) => asking(waitForPosition(pool, view, position, timeoutMs)),
  };
}

async function asking<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!UNREACHABLE.test(code)) throw error;
    throw new StoreUnavailableError('The read models cannot be reached.', { cause: error });
  }
}
