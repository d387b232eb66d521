import { join } from 'node:path';
import type { Pool } from 'pg';
import type { EventStore } from '#libs/event-store/port.js';
import { systemClock } from '#libs/kernel/clock.js';
import { openSource } from '#libs/messaging/open-source.js';
import { runConsumer } from '#libs/messaging/run-consumer.js';
import { stepCampaign } from '#libs/notifications/campaigns.js';
import { Dispatcher } from '#libs/notifications/dispatcher.js';
import { tellExpiring } from '#libs/notifications/expiring.js';
import { type MailTransport, outboxTransport, smtpTransport } from '#libs/notifications/mail/transport.js';
import { prune } from '#libs/notifications/prune.js';
import type { Config } from '#libs/platform/config.js';
import { runAsLeader } from '#libs/platform/leadership.js';
import type { Logger } from '#libs/platform/logging.js';
import type { RoleMonitor } from '#libs/platform/metrics/role-monitor.js';
import { createPool } from '#libs/platform/postgres.js';
import { notificationConsumer } from './consumer.js';
import { balancesIn } from './read-models.js';
import { repeat } from './repeat.js';
import { report } from './report.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const CAMPAIGN_PAUSE_MS = SECOND_MS;
const EXPIRY_PAUSE_MS = 10 * SECOND_MS;
const PRUNE_PAUSE_MS = 60 * MINUTE_MS;
const FAULT_PAUSE_MS = SECOND_MS;
/** Records of tries and claims; sending itself needs no connection. */
const CONNECTIONS_MAX = 6;

export interface NotificationWorkerOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly store: EventStore;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly monitor?: RoleMonitor;
}

/** Tells users and creators until the signal fires. Safe beside other instances. */
export async function startNotificationWorker(options: NotificationWorkerOptions): Promise<void> {
  const { config, databaseUrl, signal, log } = options;
  const pool = createPool({
    url: databaseUrl,
    applicationName: 'ledger-notifications',
    max: CONNECTIONS_MAX,
  });
  const transport = transportOf(config);
  log.info({ mails: transport.name }, 'mails are sent');
  const ending = new AbortController();
  const over = AbortSignal.any([signal, ending.signal]);
  try {
    const parts = partsOf({ ...options, signal: over }, pool, transport).map((part) =>
      // One that cannot go on takes the others with it: the role is started again as a whole.
      part.catch((error: unknown) => {
        ending.abort();
        throw error;
      }),
    );
    const ended = await Promise.allSettled(parts);
    const failed = ended.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
  } finally {
    transport.close();
    await pool.end();
  }
}

function transportOf({ notifications: { smtpUrl }, dataDir }: Config): MailTransport {
  return smtpUrl === undefined ? outboxTransport(join(dataDir, 'outbox')) : smtpTransport(smtpUrl);
}

function partsOf(
  { config, databaseUrl, store, log, signal, monitor }: NotificationWorkerOptions,
  pool: Pool,
  transport: MailTransport,
): readonly Promise<void>[] {
  const { mailFrom, webhookAllowedHosts } = config.notifications;
  const balances = balancesIn(pool, store);
  const consumer = notificationConsumer(systemClock);
  const dispatcher = new Dispatcher({
    ...{ pool, clock: systemClock, transport, mailFrom, webhookAllowedHosts, signal },
    onTrouble: (err, what) => log.warn({ err, what }, 'something could not be sent and is tried again'),
  });
  const watch = monitor && report(monitor, { pool, dispatcher, consumer: consumer.name });
  return [
    runConsumer({
      consumer,
      source: openSource({ kafka: config.kafka, store, log }),
      ...{ databaseUrl, store, log, signal },
      ...(watch ? { onStarted: watch.onStarted } : {}),
    }),
    dispatcher.run(),
    repeat({
      ...{ what: 'campaigns', log, signal, pauseMs: CAMPAIGN_PAUSE_MS, faultPauseMs: FAULT_PAUSE_MS },
      work: () => stepCampaign({ pool, audience: balances.audience, now: () => systemClock.now() }),
    }),
    runAsLeader({
      url: databaseUrl,
      name: 'notification-scans',
      signal,
      onTrouble: (err) => log.warn({ err }, 'leadership of the notification scans lost'),
      work: (leading) => scan({ config, log, signal: leading }, pool, balances),
    }),
  ];
}

/** What one process does for all: credits that lapse soon, and what has served its time. */
async function scan(
  { config, log, signal }: Pick<NotificationWorkerOptions, 'config' | 'log' | 'signal'>,
  pool: Pool,
  { lots }: ReturnType<typeof balancesIn>,
): Promise<void> {
  const days = config.notifications.creditsExpiringDays;
  const expiring = async (): Promise<boolean> => {
    if (days > 0) await tellExpiring({ pool, lots, days, now: systemClock.now(), signal });
    return false;
  };
  const pruning = async (): Promise<boolean> => {
    const removed = await prune(pool, systemClock.now(), signal);
    if (removed > 0) log.info({ removed }, 'old notifications were removed');
    return false;
  };
  const faultPauseMs = FAULT_PAUSE_MS;
  await Promise.all([
    repeat({
      ...{ what: 'credits that lapse soon', log, signal, pauseMs: EXPIRY_PAUSE_MS, faultPauseMs },
      work: expiring,
    }),
    repeat({
      ...{ what: 'old notifications', log, signal, pauseMs: PRUNE_PAUSE_MS, faultPauseMs },
      work: pruning,
    }),
  ]);
}
