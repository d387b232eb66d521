import { setTimeout as sleep } from 'node:timers/promises';
import { PUBLIC_STORED_TYPES } from '#libs/contracts/public/to-public-event.js';
import type { EventStore, SubscriptionMessage } from '#libs/event-store/port.js';
import type { Logger } from '#libs/platform/logging.js';
import type { Publisher } from '../kafka/publisher.js';
import type { Topics } from '../kafka/topics.js';
import { type Chunk, chunksOf } from './chunks.js';
import type { RelayCheckpoint } from './relay-checkpoint.js';
import type { RelayProgress } from './relay-status.js';

/** Events read at once; a chunk may hold fewer. */
const BATCH_EVENTS_MAX = 1_000;
/** Where only private events are passed, the checkpoint moves on this often. */
const QUIET_ADVANCE_MS = 1_000;
/** Half of what Postgres lets pass before it gives the lock to another relay. */
const PROOF_AGE_MAX_MS = 5_000;
/** With the pauses between them about a quarter of a minute: a broker's restart, or the choice of a new leader. */
const SEND_TRIES_MAX = 8;
const SEND_PAUSE_MS_MIN = 100;
const SEND_PAUSE_MS_MAX = 5_000;
/** When the relay is to end, a send that is on its way has this long to be acknowledged. */
const LAST_SEND_MS_MAX = 5_000;

export interface RelayTermOptions {
  readonly store: EventStore;
  readonly checkpoint: RelayCheckpoint;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly topics: Topics;
  readonly progress: RelayProgress;
  readonly log: Logger;
  /** Fires when this relay leads no longer. */
  readonly signal: AbortSignal;
}

/**
 * Publishes the log from the checkpoint on, for as long as this relay leads. A chunk is sent when everything before it
 * was acknowledged and the checkpoint has moved there: so what is sent twice is never older than the checkpoint, and at
 * no time does a message stand in its partition while an earlier one of its stream does not.
 */
export class RelayTerm {
  #quietSince = 0;

  constructor(private readonly options: RelayTermOptions) {}

  /** @throws RelayFencedError; PositionBeyondHeadError; what the brokers refused or did not answer */
  async run(): Promise<void> {
    const { store, checkpoint, signal } = this.options;
    const messages = store.subscribe({
      after: checkpoint.position,
      types: PUBLIC_STORED_TYPES,
      batchSizeMax: BATCH_EVENTS_MAX,
      signal,
    });
    for await (const message of messages) await this.#take(message);
    if (!signal.aborted)
      throw new Error('The subscription to the log has ended: the event store was closed.');
  }

  async #take(message: SubscriptionMessage): Promise<void> {
    const { store, topics, progress } = this.options;
    if (message.kind === 'batch') {
      for (const chunk of chunksOf(message.events, { logId: store.logId, topics }))
        await this.#publish(chunk);
    } else {
      progress.caughtUp();
    }
    await this.#pass(message);
  }

  async #publish(chunk: Chunk): Promise<void> {
    const { checkpoint, progress, signal } = this.options;
    progress.waitsSince(chunk.firstRecordedAt);
    await withinGrace(this.#send(chunk), signal);
    await checkpoint.advance({ to: chunk.position, recordedAt: chunk.recordedAt });
    progress.passed(chunk.position, chunk);
  }

  async #send({ topicMessages, events, position }: Chunk): Promise<void> {
    const { checkpoint, publisher, progress, log, signal } = this.options;
    for (let tries = 1, pauseMs = SEND_PAUSE_MS_MIN; ; tries++) {
      await checkpoint.proveLead(PROOF_AGE_MAX_MS);
      signal.throwIfAborted();
      try {
        return await publisher.publish(topicMessages);
      } catch (error) {
        // The same producer sends the same again: what is there already is not written twice.
        if (!mayPass(error) || tries === SEND_TRIES_MAX) throw error;
        progress.failed(error);
        log.warn({ err: error, tries, events, position: position.toString() }, 'publishing is tried again');
      }
      await sleep(pauseMs * (0.5 + Math.random()), undefined, { signal });
      pauseMs = Math.min(pauseMs * 2, SEND_PAUSE_MS_MAX);
    }
  }

  /** Private events are passed over; the checkpoint need not follow each of them. */
  async #pass({ checkpoint: to }: SubscriptionMessage): Promise<void> {
    const { checkpoint, progress } = this.options;
    if (to > checkpoint.position && performance.now() - this.#quietSince > QUIET_ADVANCE_MS) {
      await checkpoint.advance({ to, recordedAt: undefined });
      this.#quietSince = performance.now();
    }
    progress.passed(to);
  }
}

/** What the client itself would try again: it says so by having given up. */
const mayPass = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'KafkaJSNumberOfRetriesExceeded';

/** `sending` as it ends, but once the signal has fired only for so long. */
function withinGrace(sending: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const hurry = () => {
      const late = new Error(
        `The brokers did not answer within ${LAST_SEND_MS_MAX} ms after the relay was to end.`,
      );
      timer = setTimeout(() => reject(late), LAST_SEND_MS_MAX);
    };
    signal.addEventListener('abort', hurry, { once: true });
    sending.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', hurry);
      clearTimeout(timer);
    });
  });
}
