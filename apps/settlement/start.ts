import { createCreatorExecutor, type LongStreamPorts } from '#libs/application/write-path.js';
import { runCreatorSettlement, type StuckCreator } from '#libs/application/settlement/creator-settlement.js';
import type { WriteObserver } from '#libs/application/write-observer.js';
import type { EventStore } from '#libs/event-store/port.js';
import { systemClock } from '#libs/kernel/clock.js';
import { PostgresCheckpoints } from '#libs/platform/checkpoints.js';
import { runAsLeader } from '#libs/platform/leadership.js';
import type { Logger } from '#libs/platform/logging.js';
import { Metrics } from '#libs/platform/metrics/metrics.js';
import { unwatched, type RoleMonitor } from '#libs/platform/metrics/role-monitor.js';
import { createPool } from '#libs/platform/postgres.js';
import { SettlementWatch } from './settlement-watch.js';

/** What settlements of several processes take turns in. */
export const SETTLEMENT_LEADERSHIP = 'creator-settlement';

/** A creator that stays stuck is offered again every 5 s: said once a minute. */
const FAILURES_BETWEEN_WARNINGS = 12;

export interface SettlementRoleOptions {
  readonly databaseUrl: string;
  readonly store: EventStore;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** For creators with many earnings. */
  readonly longStreams: LongStreamPorts;
  readonly observer?: WriteObserver | undefined;
  readonly monitor?: RoleMonitor;
}

/** Settles until the signal fires. Safe beside other instances: the lock spares work, revisions keep it exactly once. */
export async function startSettlement({
  databaseUrl,
  store,
  log,
  signal,
  longStreams,
  observer,
  monitor = unwatched(new Metrics()),
}: SettlementRoleOptions): Promise<void> {
  const pool = createPool({ url: databaseUrl, applicationName: 'ledger-settlement', max: 2 });
  const checkpoints = new PostgresCheckpoints(pool);
  const watch = new SettlementWatch(monitor);
  try {
    await runAsLeader({
      url: databaseUrl,
      name: SETTLEMENT_LEADERSHIP,
      signal,
      onTrouble: (error) => log.warn({ err: error }, 'settlement leadership lost'),
      work: async (leading) => {
        // A new leader folds afresh: what it knew before may be behind.
        const creators = createCreatorExecutor({ store, clock: systemClock, longStreams, observer });
        try {
          await watch.lead(() =>
            runCreatorSettlement({
              store,
              creators,
              checkpoints,
              signal: leading,
              onStuck: (stuck) => {
                watch.stuck(stuck);
                logStuck(log, stuck);
              },
              onRecovered: (creatorId) => watch.recovered(creatorId),
              onSettled: (position) => watch.settled(position),
            }),
          );
        } finally {
          await creators.close();
        }
      },
    });
  } finally {
    await pool.end();
  }
}

function logStuck(log: Logger, { creatorId, error, failures, waiting }: StuckCreator): void {
  if (failures % FAILURES_BETWEEN_WARNINGS !== 1) return;
  log.warn(
    { err: error, creatorId, failures, waiting },
    'a creator cannot be settled now and is offered again; the others go on',
  );
}
