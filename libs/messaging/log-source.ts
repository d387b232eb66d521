import { storedTypesOfPublic } from '#libs/contracts/public/to-public-event.js';
import { ForeignPositionError, PositionBeyondHeadError } from '#libs/event-store/errors.js';
import {
  type EventStore,
  LOG_START,
  type Position,
  type SubscriptionMessage,
} from '#libs/event-store/port.js';
import { formatPosition, parsePosition } from '#libs/event-store/position.js';
import { PostgresCheckpoints } from '#libs/platform/checkpoints.js';
import { runAsLeader } from '#libs/platform/leadership.js';
import { type Delivery, storedDeliveryOf } from './delivery.js';
import { ConsumerStoppedError } from './errors.js';
import type { MessageSource, SourceRun } from './source.js';
import { withPatience } from './with-patience.js';

/** Events handed over at once. */
const BATCH_EVENTS = 500;
const HEAD_EVERY_MS = 1_000;

export const checkpointOf = (consumer: string): string => `consumer:${consumer}`;

/**
 * The log itself, for a ledger without Kafka: a catch-up subscription with a durable checkpoint of the consumer's own.
 * One process reads at a time, the others stand by; two that do both lose nothing and act once.
 */
export function logSource({ store }: { readonly store: EventStore }): MessageSource {
  return new LogSource(store);
}

class LogSource implements MessageSource {
  readonly kind = 'log';
  /** Undefined while another process reads. */
  private position: Position | undefined;
  private head: Position = LOG_START;
  private headSeenAt = -Infinity;
  private behindMs = 0;

  constructor(private readonly store: EventStore) {}

  async run(run: SourceRun): Promise<void> {
    const { consumer, databaseUrl, signal, onState, onFault } = run;
    onState('standby');
    await runAsLeader({
      url: databaseUrl,
      name: checkpointOf(consumer.name),
      signal,
      onTrouble: onFault,
      work: async (leading) => {
        onState('running');
        try {
          await this.follow({ ...run, signal: leading });
        } finally {
          this.position = undefined;
          onState('standby');
        }
      },
    });
  }

  progress(): ReturnType<MessageSource['progress']> {
    const { position, head, behindMs } = this;
    if (position === undefined) return { lag: undefined, behindMs: 0 };
    const value = head > position ? Number(head - position) : 0;
    return { lag: { value, unit: 'positions' }, behindMs: value === 0 ? 0 : behindMs };
  }

  async close(): Promise<void> {}

  private async follow(run: SourceRun): Promise<void> {
    const { consumer, logId, pool, signal } = run;
    const checkpoints = new PostgresCheckpoints(pool);
    const name = checkpointOf(consumer.name);
    const after = startOf(consumer.name, logId, await checkpoints.load(name));
    this.position = after;
    const types = storedTypesOfPublic(...consumer.types);
    try {
      for await (const message of this.store.subscribe({
        after,
        types,
        signal,
        batchSizeMax: BATCH_EVENTS,
      })) {
        await this.take(message, run);
        // What a process in its place has saved meanwhile is not taken back: an older checkpoint is ignored.
        if (message.checkpoint > after)
          await checkpoints.save(name, formatPosition(logId, message.checkpoint));
      }
    } catch (error) {
      if (!(error instanceof PositionBeyondHeadError)) throw error;
      throw new ConsumerStoppedError(consumer.name, `its checkpoint does not fit the log. ${error.message}`, {
        cause: error,
      });
    }
  }

  private async take(
    message: SubscriptionMessage,
    { logId, accept, signal, onFault }: SourceRun,
  ): Promise<void> {
    if (message.kind === 'batch') {
      const deliveries = message.events
        .map((recorded) => storedDeliveryOf(logId, recorded))
        .filter((delivery): delivery is Delivery => delivery !== undefined);
      if (message.events.length > 0) this.behindMs = Math.max(0, Date.now() - message.events[0]!.recordedAt);
      await withPatience(() => accept(deliveries), { signal, onFault });
    }
    this.position = message.checkpoint;
    await this.lookAhead(message);
  }

  /** The end of the log is asked for now and then: it is for the operator's eyes alone. */
  private async lookAhead({ kind, checkpoint }: SubscriptionMessage): Promise<void> {
    if (kind === 'caught-up') this.head = checkpoint;
    else if (performance.now() - this.headSeenAt > HEAD_EVERY_MS) {
      this.head = await this.store.head();
      this.headSeenAt = performance.now();
    }
  }
}

/** @throws ConsumerStoppedError for a checkpoint of another log */
function startOf(consumer: string, logId: string, saved: string | undefined): Position {
  if (saved === undefined) return LOG_START;
  try {
    return parsePosition(logId, saved);
  } catch (error) {
    if (!(error instanceof ForeignPositionError)) throw error;
    throw new ConsumerStoppedError(
      consumer,
      `its checkpoint is of another log. ${error.message} ` +
        'Give the worker the database that belongs to this log, or an empty one.',
      { cause: error },
    );
  }
}
