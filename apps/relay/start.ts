import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore } from '#libs/event-store/port.js';
import { RelayCheckpointError } from '#libs/messaging/relay/relay-checkpoint.js';
import { runRelay } from '#libs/messaging/relay/relay.js';
import type { Config } from '#libs/platform/config.js';
import type { Logger } from '#libs/platform/logging.js';
import type { RoleMonitor } from '#libs/platform/metrics/role-monitor.js';
import { RelayWatch } from './relay-watch.js';

/** Somebody has to act; whether they have is looked at this often. */
const STOPPED_MS = 30_000;

export interface RelayRoleOptions {
  readonly config: Pick<Config, 'kafka'>;
  readonly databaseUrl: string;
  readonly store: EventStore;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly monitor?: RoleMonitor;
}

/**
 * Publishes the log to Kafka until the signal fires. Without KAFKA_BROKERS the workers read the log themselves, and
 * there is nothing to do.
 */
export async function startRelay(options: RelayRoleOptions): Promise<void> {
  const { config, databaseUrl, store, log, signal, monitor } = options;
  const { kafka } = config;
  const watch = new RelayWatch(monitor);
  if (kafka === undefined) {
    watch.idle();
    log.debug('no KAFKA_BROKERS: nothing to publish to, the workers read the log themselves');
    if (!signal.aborted) await once(signal, 'abort');
    return;
  }
  let said: string | undefined;
  while (!signal.aborted) {
    try {
      await runRelay({ kafka, databaseUrl, store, log, signal, onStatus: (ask) => watch.follow(ask) });
    } catch (error) {
      if (!(error instanceof RelayCheckpointError)) throw error;
      watch.stopped(error);
      if (error.message !== said) log.error({ err: error }, error.message);
      said = error.message;
      await sleep(STOPPED_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
