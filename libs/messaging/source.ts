import type { Pool } from 'pg';
import type { Logger } from '#libs/platform/logging.js';
import type { Consumer } from './consumer.js';
import type { Delivery } from './delivery.js';
import type { ConsumerStatus } from './status.js';

export interface SourceRun {
  readonly consumer: Consumer;
  readonly logId: string;
  readonly databaseUrl: string;
  readonly pool: Pool;
  /**
   * Handles or parks all of them; once it resolves, the source may remember that they were. Those of one stream come in
   * the order of the log, and one call after another. @throws what kept Postgres from it: the same are given once more
   */
  readonly accept: (deliveries: readonly Delivery[]) => Promise<void>;
  /** Ends the run once what is in hand is handled. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Told when the source reads, and when another process does. */
  readonly onState: (state: 'running' | 'standby') => void;
  /** Told of a fault after which the source goes on by itself. */
  readonly onFault: (error: Error) => void;
}

/** A message put aside, for the dead-letter topic. */
export interface DeadLetter {
  readonly consumer: string;
  readonly stream: string;
  readonly messageId: string;
  readonly reason: string;
  readonly parkedAt: Date;
  /** JSON text: the public event, or what came instead. */
  readonly message: string;
}

/** Where a consumer's messages come from. Good for one run after another. */
export interface MessageSource {
  readonly kind: ConsumerStatus['source'];
  /**
   * Resolves when the signal has fired and nothing is in hand any more.
   * @throws ConsumerStoppedError, ForeignPositionError, PositionBeyondHeadError: somebody has to act
   * @throws anything else: to be run again after a pause
   */
  run(options: SourceRun): Promise<void>;
  /** What lies before the consumer, as far as this process knows. */
  progress(): Pick<ConsumerStatus, 'lag' | 'behindMs'>;
  /** Publishes dead letters; absent where there is no topic for them. */
  readonly publish?: (letters: readonly DeadLetter[]) => Promise<void>;
  /** Gives back what `publish` has opened. */
  close(): Promise<void>;
}
