import type { EventStore } from '#libs/event-store/port.js';
import type { RoleMonitor } from '#libs/platform/metrics/role-monitor.js';
import { createPool } from '#libs/platform/postgres.js';
import { runProjections } from '#libs/projection-runner/run-projections.js';
import type { ProjectionStatus, RunnerLog } from '#libs/projection-runner/status.js';
import { ALL_PROJECTIONS } from '#projections/all.js';
import { watchProjector } from './projector-watch.js';
import { prepareLedgerReadModels } from './prepare.js';

export interface ProjectorOptions {
  readonly databaseUrl: string;
  readonly store: EventStore;
  readonly log: RunnerLog;
  readonly signal: AbortSignal;
  /** Given the way to ask how each projection is doing, once they run. */
  readonly onStarted?: (status: () => readonly ProjectionStatus[]) => void;
  readonly monitor?: RoleMonitor;
}

/** Keeps every read model up to date until the signal fires. Safe beside other instances: they stand by. */
export async function startProjector(options: ProjectorOptions): Promise<void> {
  const { databaseUrl, store, log, signal } = options;
  await prepareLedgerReadModels({ databaseUrl, store });
  const running = runProjections({ url: databaseUrl, store, projections: ALL_PROJECTIONS, log, signal });
  options.onStarted?.(running.status);
  const pool = createPool({ url: databaseUrl, applicationName: 'ledger-projector-watch', max: 1 });
  if (options.monitor) watchProjector({ monitor: options.monitor, store, pool, status: running.status });
  await running.ended.finally(() => pool.end());
}
