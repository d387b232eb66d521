import type { Metrics, Sample } from '#libs/platform/metrics/metrics.js';
import type { RoleHealth, RoleState } from '#libs/platform/metrics/role-monitor.js';
import type { ConsumerState, ConsumerStatus } from './status.js';

const MS_PER_SECOND = 1_000;

const STATES: Readonly<Record<ConsumerState, RoleState>> = {
  starting: 'starting',
  standby: 'standby',
  running: 'working',
  failing: 'failing',
  stopped: 'stopped',
};

/** Shows how a consumer of this process is doing: metrics, and its part of the health of its role. */
export class ConsumerWatch {
  private ask: (() => ConsumerStatus) | undefined;

  /** `consumer` is its name. */
  constructor(
    metrics: Metrics,
    private readonly consumer: string,
  ) {
    this.count(metrics);
    this.measure(metrics);
  }

  /** For `runConsumer`. */
  readonly onStarted = (status: () => ConsumerStatus): void => {
    this.ask = status;
  };

  health(): RoleHealth {
    const status = this.ask?.();
    if (status === undefined) return { state: 'starting' };
    const { state, waiting, lag, behindMs, lastError } = status;
    const held = state === 'failing' || state === 'stopped';
    return {
      state: STATES[state],
      problems: held ? [`consumer ${this.consumer}: ${lastError?.message ?? 'no reason known'}`] : [],
      notes:
        waiting.messages === 0
          ? []
          : [`${waiting.messages} messages of ${waiting.streams} streams are parked: see "ledger dlq list"`],
      details: {
        lag: lag === undefined ? null : `${lag.value} ${lag.unit}`,
        behindMs,
        parkedMessages: waiting.messages,
      },
    };
  }

  private count(metrics: Metrics): void {
    const total = (name: string, help: string, of: (status: ConsumerStatus) => number): void => {
      metrics.counter({ name, help, labels: ['consumer'], of: this.consumer, read: () => this.one(of) });
    };
    total('ledger_consumer_handled_total', 'Messages that had their effect.', (status) => status.handled);
    total(
      'ledger_consumer_skipped_total',
      'Messages for which there was nothing to do.',
      (status) => status.skipped,
    );
    total(
      'ledger_consumer_repeated_total',
      'Messages delivered again after they had been handled; without effect.',
      (status) => status.repeated,
    );
    total(
      'ledger_consumer_retried_total',
      'Failed tries that were followed by another.',
      (status) => status.retried,
    );
    total(
      'ledger_consumer_parked_total',
      'Streams that this process has put aside with a message that failed for good.',
      (status) => status.parked,
    );
  }

  private measure(metrics: Metrics): void {
    const gauge = (name: string, help: string, of: (status: ConsumerStatus) => number): void => {
      metrics.gauge({ name, help, labels: ['consumer'], of: this.consumer, read: () => this.one(of) });
    };
    gauge(
      'ledger_consumer_parked_messages',
      'Messages that wait in the table of parked messages now, of all processes: ledger dlq list.',
      ({ waiting }) => waiting.messages,
    );
    gauge(
      'ledger_consumer_behind_seconds',
      'Age of the oldest message that was not handled yet, roughly; 0 at the end.',
      ({ behindMs }) => behindMs / MS_PER_SECOND,
    );
    gauge(
      'ledger_consumer_failures',
      'Faults of Postgres, the log or the brokers, one after another.',
      ({ failures }) => failures,
    );
    metrics.gauge({
      name: 'ledger_consumer_lag',
      help: "What lies before the consumer: Kafka's messages, or positions of the log, which are events on Postgres and bytes on EventStoreDB.",
      labels: ['consumer', 'unit'],
      of: this.consumer,
      read: () => {
        const lag = this.ask?.().lag;
        return lag === undefined
          ? []
          : [{ labels: { consumer: this.consumer, unit: lag.unit }, value: lag.value }];
      },
    });
  }

  private one(of: (status: ConsumerStatus) => number): Sample<'consumer'>[] {
    const status = this.ask?.();
    return status === undefined ? [] : [{ labels: { consumer: this.consumer }, value: of(status) }];
  }
}

/** Of several parts of one role: its state is that of the part that does worst. */
export function together(parts: readonly RoleHealth[]): RoleHealth {
  const worst = (['stopped', 'failing', 'starting', 'working', 'standby'] as const).find((state) =>
    parts.some((part) => part.state === state),
  );
  return {
    state: worst ?? 'starting',
    problems: parts.flatMap(({ problems = [] }) => problems),
    notes: parts.flatMap(({ notes = [] }) => notes),
    details: Object.assign({}, ...parts.map(({ details }) => details)) as NonNullable<RoleHealth['details']>,
  };
}
