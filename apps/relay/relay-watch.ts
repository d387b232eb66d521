import type { RelayStatus } from '#libs/messaging/relay/relay-status.js';
import type { RoleHealth, RoleMonitor } from '#libs/platform/metrics/role-monitor.js';

const MS_PER_SECOND = 1_000;

/** Shows how the relay of this process is doing: health for people, metrics for alerts. */
export class RelayWatch {
  #ask: (() => RelayStatus) | undefined;
  #health: () => RoleHealth = () => ({ state: 'starting' });

  constructor(monitor: RoleMonitor | undefined) {
    monitor?.onHealth(() => this.#health());
    if (monitor) this.#measure(monitor);
  }

  /** Nothing is configured to be published to. */
  idle(): void {
    this.#health = () => ({
      state: 'standby',
      notes: ['no KAFKA_BROKERS: the workers read the log themselves'],
    });
  }

  follow(ask: () => RelayStatus): void {
    this.#ask = ask;
    this.#health = () => healthOf(ask());
  }

  stopped(error: Error): void {
    this.#health = () => ({ state: 'stopped', problems: [error.message] });
  }

  #measure({ metrics }: RoleMonitor): void {
    const only = (read: (status: RelayStatus) => number | undefined) => () => {
      const status = this.#ask?.();
      const value = status && read(status);
      return value === undefined ? [] : [{ value }];
    };
    metrics.gauge({
      name: 'ledger_relay_lag_seconds',
      help: 'Age of the oldest event that is not published to Kafka; 0 at the end of the log. Only of the leader.',
      read: only(({ behindMs }) => behindMs && behindMs / MS_PER_SECOND),
    });
    metrics.gauge({
      name: 'ledger_relay_position',
      help: 'Everything up to this position of the log is published. On EventStoreDB positions are byte offsets.',
      read: only(({ position }) => (position === undefined ? undefined : Number(position))),
    });
    metrics.gauge({
      name: 'ledger_relay_head_position',
      help: 'Position of the last event of the log, as the leading relay saw it some seconds ago.',
      read: only(({ head }) => (head === undefined ? undefined : Number(head))),
    });
    metrics.gauge({
      name: 'ledger_relay_published_recorded_seconds',
      help: 'When the last published event was recorded, seconds since the epoch.',
      read: only(({ recordedAt }) => recordedAt && recordedAt / MS_PER_SECOND),
    });
    metrics.counter({
      name: 'ledger_relay_published_total',
      help: 'Events that this process has published, repetitions included.',
      read: only(({ published }) => published),
    });
    metrics.gauge({
      name: 'ledger_relay_failures',
      help: 'Attempts to publish that failed one after another.',
      read: only(({ failures }) => failures),
    });
  }
}

function healthOf({ state, position, head, behindMs, failures, lastError }: RelayStatus): RoleHealth {
  const details = {
    position: position?.toString() ?? null,
    head: head?.toString() ?? null,
    lagMs: behindMs ?? null,
    failures,
  };
  if (state === 'failing') {
    const problems = [`events are not published to Kafka: ${lastError?.message ?? 'unknown'}`];
    return { state, problems, details };
  }
  return { state: state === 'leading' ? 'working' : state, details };
}
