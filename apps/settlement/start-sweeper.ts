import type { Pool } from 'pg';
import { type CatalogueFollower, followCatalogue } from '#libs/application/catalogue/follower.js';
import { type DueWallets, runSweeper } from '#libs/application/sweeper/sweeper.js';
import { createWritePath, type LongStreamPorts } from '#libs/application/write-path.js';
import type { WriteObserver } from '#libs/application/write-observer.js';
import type { EventStore } from '#libs/event-store/port.js';
import { systemClock } from '#libs/kernel/clock.js';
import { runAsLeader } from '#libs/platform/leadership.js';
import type { Logger } from '#libs/platform/logging.js';
import { Metrics } from '#libs/platform/metrics/metrics.js';
import { unwatched, type RoleMonitor } from '#libs/platform/metrics/role-monitor.js';
import { createPool } from '#libs/platform/postgres.js';
import { SweeperWatch } from './sweeper-watch.js';
import { dueWallets } from '#projections/balances/due-queries.js';

/** What sweepers of several processes take turns in. */
export const SWEEPER_LEADERSHIP = 'sweeper';

/** SQLSTATE undefined_table, undefined_column, invalid_schema_name: no projector has made these views yet. */
const NO_SUCH_VIEW = new Set(['42P01', '42703', '3F000']);

export interface SweeperRoleOptions {
  readonly databaseUrl: string;
  readonly store: EventStore;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** For wallets with many events. */
  readonly longStreams: LongStreamPorts;
  readonly observer?: WriteObserver | undefined;
  readonly monitor?: RoleMonitor;
}

/**
 * Records what time has made due until the signal fires. Safe beside other instances: the lock spares work, the wallet's
 * own decider keeps it once.
 */
export async function startSweeper(options: SweeperRoleOptions): Promise<void> {
  const { databaseUrl, store, log, signal, monitor = unwatched(new Metrics()) } = options;
  const watch = new SweeperWatch(monitor);
  const pool = createPool({ url: databaseUrl, applicationName: 'ledger-sweeper', max: 2 });
  const ending = new AbortController();
  const over = AbortSignal.any([signal, ending.signal]);
  let catalogue: CatalogueFollower | undefined;
  try {
    const following = (catalogue = await followCatalogue({
      store,
      clock: systemClock,
      signal: over,
      onFault: (err) => log.warn({ err }, 'the catalogue could not be read: after 30 s nothing is swept'),
    }));
    await runAsLeader({
      url: databaseUrl,
      name: SWEEPER_LEADERSHIP,
      signal,
      onTrouble: (err) => log.warn({ err }, 'sweeper leadership lost'),
      work: (leading) => watch.lead(() => sweep(options, { pool, catalogue: following, watch }, leading)),
    });
  } finally {
    ending.abort();
    await catalogue?.stopped;
    await pool.end();
  }
}

/** What is due is not known yet: at a first start, or while a new version of the read model is filled. */
class ReadModelMissing extends Error {
  override readonly name = 'ReadModelMissing';
}

interface SweeperParts {
  readonly pool: Pool;
  readonly catalogue: CatalogueFollower;
  readonly watch: SweeperWatch;
}

/** A new leader folds afresh: what it knew before may be behind. */
async function sweep(
  { store, longStreams, log, observer }: SweeperRoleOptions,
  { pool, catalogue, watch }: SweeperParts,
  signal: AbortSignal,
): Promise<void> {
  const path = createWritePath({
    store,
    clock: systemClock,
    terms: () => catalogue.terms(),
    longStreams,
    observer,
  });
  let said: string | undefined;
  try {
    await runSweeper({
      store,
      wallets: path.wallets,
      due: dueIn(pool, store),
      clock: systemClock,
      signal,
      onTrouble: (err) => {
        watch.troubled(err);
        // It is tried again every second: said once for each new reason.
        const reason = err instanceof Error ? err.message : String(err);
        if (reason !== said) {
          if (err instanceof ReadModelMissing) log.info(reason);
          else log.warn({ err }, 'something due could not be recorded and is tried again');
        }
        said = reason;
      },
      onPass: (advanced) => {
        watch.passed(advanced);
        said = undefined;
        if (advanced > 0) log.info({ advanced }, 'recorded what time had made due');
      },
    });
  } finally {
    await path.close();
  }
}

/** The read model of balances, of the log that `store` holds. */
export function dueIn(pool: Pool, { logId }: Pick<EventStore, 'logId'>): DueWallets {
  return {
    page: async (question) => {
      const found = await dueWallets(pool, question).catch((error: { readonly code?: string }) => {
        if (!NO_SUCH_VIEW.has(error.code ?? '')) throw error;
        throw new ReadModelMissing('waiting for the read model of balances, which a projector makes', {
          cause: error,
        });
      });
      if (found.logId !== logId) {
        throw new Error(
          `The read models show log ${found.logId}, the event store is log ${logId}: run "ledger rebuild balances".`,
        );
      }
      return { wallets: found.value, position: found.position, recordedAt: found.time };
    },
  };
}
