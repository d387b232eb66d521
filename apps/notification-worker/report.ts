import type { Pool } from 'pg';
import { systemClock } from '#libs/kernel/clock.js';
import { ConsumerWatch, together } from '#libs/messaging/consumer-watch.js';
import type { Dispatcher } from '#libs/notifications/dispatcher.js';
import { readQueues } from '#libs/notifications/queue.js';
import type { RoleHealth, RoleMonitor } from '#libs/platform/metrics/role-monitor.js';

export interface Watched {
  readonly pool: Pool;
  readonly dispatcher: Dispatcher;
  /** Its name. */
  readonly consumer: string;
}

/** Tells the process how the worker is doing; its consumer is to be shown to what this gives. */
export function report(
  { metrics, onHealth }: RoleMonitor,
  { pool, dispatcher, consumer: name }: Watched,
): ConsumerWatch {
  const consumer = new ConsumerWatch(metrics, name);
  metrics.counter({
    name: 'ledger_notification_deliveries_total',
    help: 'Tries of mails and webhooks of this process, by what they came to.',
    labels: ['channel', 'outcome'],
    read: () => {
      const { mails, webhooks } = dispatcher.status();
      return Object.entries({ email: mails, webhook: webhooks }).flatMap(([channel, counts]) =>
        Object.entries(counts).map(([outcome, value]) => ({ labels: { channel, outcome }, value })),
      );
    },
  });
  metrics.gauge({
    name: 'ledger_notification_deliveries_waiting',
    help: 'Mails and webhooks that wait to be sent, of all processes, those with a later time too.',
    labels: ['channel'],
    read: async () =>
      (await readQueues(pool, systemClock.now())).map(({ channel, waiting: value }) => ({
        labels: { channel },
        value,
      })),
  });
  metrics.gauge({
    name: 'ledger_notification_oldest_due_seconds',
    help: 'How long the oldest mail or webhook whose time has come has been waiting.',
    labels: ['channel'],
    read: async () =>
      (await readQueues(pool, systemClock.now())).map(({ channel, oldestDueMs }) => ({
        labels: { channel },
        value: oldestDueMs / 1_000,
      })),
  });
  onHealth(() => together([consumer.health(), dispatcherHealth(dispatcher)]));
  return consumer;
}

function dispatcherHealth(dispatcher: Dispatcher): RoleHealth {
  const { mailServerDownSince, inFlight } = dispatcher.status();
  return {
    state: 'working',
    notes:
      mailServerDownSince === undefined
        ? []
        : [`no mail gets through since ${new Date(mailServerDownSince).toISOString()}: look at SMTP_URL`],
    details: { inFlight },
  };
}
