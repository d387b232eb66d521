import type { Pool } from 'pg';
import type { EventStore } from '#libs/event-store/port.js';
import type { Audience } from '#libs/notifications/campaigns.js';
import type { ExpiringLots } from '#libs/notifications/expiring.js';
import type { AsOf } from '#libs/projection-runner/as-of.js';
import { lapsingLots, usersOfPlans } from '#projections/balances/notice-queries.js';

/** SQLSTATE undefined_table, undefined_column, invalid_schema_name: no projector has made these views yet. */
const NO_SUCH_VIEW = new Set(['42P01', '42703', '3F000']);

/** Who has what is not known yet: at a first start, or while a new version of the read model is filled. */
export class ReadModelMissing extends Error {
  override readonly name = 'ReadModelMissing';
}

/** What the worker reads of balances, of the log that `store` holds. */
export function balancesIn(
  pool: Pool,
  { logId }: Pick<EventStore, 'logId'>,
): { readonly lots: ExpiringLots; readonly audience: Audience } {
  const ofThisLog = async <T>(query: Promise<AsOf<T>>): Promise<T> => {
    const found = await query.catch((cause: { readonly code?: string }) => {
      if (!NO_SUCH_VIEW.has(cause.code ?? '')) throw cause;
      throw new ReadModelMissing('waiting for the read model of balances, which a projector makes', {
        cause,
      });
    });
    if (found.logId === logId) return found.value;
    throw new Error(
      `The read models show log ${found.logId}, the event store is log ${logId}: run "ledger rebuild balances".`,
    );
  };
  return {
    lots: { page: (question) => ofThisLog(lapsingLots(pool, question)) },
    audience: { page: (question) => ofThisLog(usersOfPlans(pool, question)) },
  };
}
