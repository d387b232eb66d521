import { setTimeout as sleep } from 'node:timers/promises';
import { startNotificationWorker } from '#apps/notification-worker/start.js';
import { startPayoutWorker } from '#apps/payout-worker/start.js';
import { startProjector } from '#apps/projector/start.js';
import { startRelay } from '#apps/relay/start.js';
import { startSettlement } from '#apps/settlement/start.js';
import { startSweeper } from '#apps/settlement/start-sweeper.js';
import type { WriteObserver } from '#libs/application/write-observer.js';
import type { LongStreamPorts } from '#libs/application/write-path.js';
import type { EventStore } from '#libs/event-store/port.js';
import type { Config, Role } from '#libs/platform/config.js';
import type { Logger } from '#libs/platform/logging.js';
import type { RoleMonitor } from '#libs/platform/metrics/role-monitor.js';
import { openLongStreams } from './long-streams.js';
import { RoleWatch } from './role-watch.js';
import { writeMetrics } from './write-metrics.js';

export interface RoleOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly store: EventStore;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Told how the roles are doing. */
  readonly watch?: RoleWatch;
}

/** What every role is started with. */
interface StartOptions extends Omit<RoleOptions, 'watch'> {
  readonly longStreams: LongStreamPorts;
  readonly monitor: RoleMonitor;
  /** Told what the role writes; absent where nobody asks for metrics. */
  readonly observer: WriteObserver | undefined;
}

/** The roles that follow the log; the api is the other one. */
export const BACKGROUND_ROLES = {
  projector: startProjector,
  settlement: startSettlement,
  sweeper: startSweeper,
  relay: startRelay,
  'payout-worker': startPayoutWorker,
  'notification-worker': startNotificationWorker,
} as const satisfies Partial<Record<Role, (options: StartOptions) => Promise<void>>>;

export type BackgroundRole = keyof typeof BACKGROUND_ROLES;

const RESTART_DELAY_MS = 2_000;

/** Runs roles until the signal fires; one that fails is logged and started again. */
export async function runRoles(
  roles: readonly BackgroundRole[],
  { watch = new RoleWatch(), ...options }: RoleOptions,
): Promise<void> {
  const longStreams = openLongStreams(options);
  const observer = options.config.metrics && writeMetrics(watch.metrics);
  try {
    await Promise.all(
      roles.map((role) => runRole(role, { ...options, watch, observer, longStreams: longStreams.ports })),
    );
  } finally {
    await longStreams.close();
  }
}

async function runRole(
  role: BackgroundRole,
  { watch, ...options }: Omit<StartOptions, 'monitor'> & { readonly watch: RoleWatch },
): Promise<void> {
  const { signal, log } = options;
  while (!signal.aborted) {
    try {
      await BACKGROUND_ROLES[role]({ ...options, monitor: watch.monitor(role), log: log.child({ role }) });
      if (!signal.aborted) watch.ended(role);
    } catch (err) {
      watch.ended(role, err instanceof Error ? err : new Error(String(err)));
      log.error({ err, role }, 'role failed and is started again');
    }
    await sleep(RESTART_DELAY_MS, undefined, { signal }).catch(() => undefined);
  }
}
