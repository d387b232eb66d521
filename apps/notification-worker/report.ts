import type { Pool } from 'pg';
import { systemClock } from '#libs/kernel/clock.js';
import type { ConsumerStatus } from '#libs/messaging/status.js';
import type { Dispatcher } from '#libs/notifications/dispatcher.js';
import { readQueues } from '#libs/notifications/queue.js';
import type { RoleHealth, RoleMonitor } from '#libs/platform/metrics/role-monitor.js';

export interface Watched {
  readonly pool: Pool;
  readonly dispatcher: Dispatcher;
  /** Of the consumer; undefined until it runs. */
  readonly consumer: () => ConsumerStatus | undefined;
}

/** Tells the process how the worker is doing. */
export function report({ metrics, onHealth }: RoleMonitor, { pool, dispatcher, consumer }: Watched): void {
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
  onHealth(() => healthOf(dispatcher, consumer()));
}

function healthOf(dispatcher: Dispatcher, consumer: ConsumerStatus | undefined): RoleHealth {
  if (consumer === undefined) return { state: 'starting' };
  const { mailServerDownSince } = dispatcher.status();
  const { state, lastError, lag, waiting } = consumer;
  const failing = state === 'failing' || state === 'stopped';
  return {
    state: state === 'running' ? 'working' : state,
    problems: failing ? [`its consumer is ${state}: ${lastError?.message ?? 'no reason given'}`] : [],
    notes: [
      ...(mailServerDownSince === undefined
        ? []
        : [`no mail gets through since ${new Date(mailServerDownSince).toISOString()}: look at SMTP_URL`]),
      ...(waiting.messages === 0
        ? []
        : [`${waiting.messages} parked messages of ${waiting.streams} streams: see "ledger dlq list"`]),
    ],
    details: { lag: lag?.value ?? null, inFlight: dispatcher.status().inFlight },
  };
}
