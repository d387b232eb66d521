/**
 * `standby`: another process reads the log for this consumer. `failing`: tries again by itself. `stopped`: somebody has
 * to act, the error says how.
 */
export type ConsumerState = 'starting' | 'standby' | 'running' | 'failing' | 'stopped';

/** How a consumer of this process is doing, for health and metrics. */
export interface ConsumerStatus {
  readonly name: string;
  readonly source: 'log' | 'kafka';
  readonly state: ConsumerState;
  /** Since the process started: messages that had their effect. */
  readonly handled: number;
  /** Messages for which there was nothing to do. */
  readonly skipped: number;
  /** Messages that had been handled before: delivered again. */
  readonly repeated: number;
  /** Failed tries that are followed by another. */
  readonly retried: number;
  /** Streams put aside until an operator acts. */
  readonly parked: number;
  /** Messages that wait in the table of parked messages now, of all processes, and their streams. */
  readonly waiting: { readonly messages: number; readonly streams: number };
  /**
   * What lies before it: Kafka's messages, or on the log the distance of its positions, which counts events on Postgres
   * and bytes on EventStoreDB. Undefined while another process reads.
   */
  readonly lag: { readonly value: number; readonly unit: 'messages' | 'positions' } | undefined;
  /** How old the oldest message is that was not handled yet, at least roughly; 0 at the end. */
  readonly behindMs: number;
  /** Faults of Postgres, the log or the brokers, one after another. */
  readonly failures: number;
  readonly lastError: Error | undefined;
}

/** What a consumer counts while it runs. */
export class Tally {
  state: ConsumerState = 'starting';
  handled = 0;
  skipped = 0;
  repeated = 0;
  retried = 0;
  parked = 0;
  failures = 0;
  lastError: Error | undefined;
  waiting: ConsumerStatus['waiting'] = { messages: 0, streams: 0 };

  failed(error: Error): void {
    this.state = 'failing';
    this.failures += 1;
    this.lastError = error;
  }

  works(): void {
    this.state = 'running';
    this.failures = 0;
  }
}
