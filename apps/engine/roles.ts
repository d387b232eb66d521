import { setTimeout as sleep } from 'node:timers/promises';
import { startNotificationWorker } from '#apps/notification-worker/start.js';
import { startPayoutWorker } from '#apps/payout-worker/start.js';
import { startProjector } from '#apps/projector/start.js';
import { startRelay } from '#apps/relay/start.js';
import { startSettlement } from '#apps/settlement/start.js';
import { startSweeper } from '#apps/settlement/start-sweeper.js';
import type { LongStreamPorts } from '#libs/application/write-path.js';
import type { EventStore } from '#libs/event-store/port.js';
import type { Config, Role } from '#libs/platform/config.js';
import type { Logger } from '#libs/platform/logging.js';
import { openLongStreams } from './long-streams.js';

export interface RoleOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly store: EventStore;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

interface StartOptions extends RoleOptions {
  readonly longStreams: LongStreamPorts;
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
export async function runRoles(roles: readonly BackgroundRole[], options: RoleOptions): Promise<void> {
  const longStreams = openLongStreams(options);
  try {
    await Promise.all(roles.map((role) => runRole(role, { ...options, longStreams: longStreams.ports })));
  } finally {
    await longStreams.close();
  }
}

async function runRole(role: BackgroundRole, options: StartOptions): Promise<void> {
  const { signal, log } = options;
  while (!signal.aborted) {
    try {
      await BACKGROUND_ROLES[role]({ ...options, log: log.child({ role }) });
    } catch (err) {
      log.error({ err, role }, 'role failed and is started again');
    }
    await sleep(RESTART_DELAY_MS, undefined, { signal }).catch(() => undefined);
  }
}
