import { randomBytes } from 'node:crypto';
import { checkAppend } from './check-append.js';
import { AppendOutcomeUnknownError, StoreUnavailableError, WrongExpectedRevisionError } from './errors.js';
import { matcherOf } from './filter.js';
import { checkStart, LogHead } from './log-head.js';
import {
  BATCH_SIZE_DEFAULT,
  LOG_START,
  type AppendOptions,
  type AppendResult,
  type EventStore,
  type NewEvent,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type SubscribeOptions,
  type SubscriptionMessage,
} from './port.js';

/**
 * When the reply to an append is lost: the request never arrived, it was committed, or it arrives only after
 * `release` is called.
 */
export type LostReply = 'before-commit' | 'after-commit' | 'late';

/** A reply about to be lost, and the way to let a late request through. */
export interface PlannedLoss {
  /** Lets a `late` request reach the store; resolves when it was dealt with. Does nothing for the other kinds. */
  release(): Promise<void>;
}

export interface MemoryEventStoreOptions {
  /** The store's clock, milliseconds since the epoch. Default: the machine's. */
  readonly now?: () => number;
  /**
   * From one position to the next. Default: irregular steps, as of a log whose positions are places in a file, so that
   * whoever counts with positions is found out. 1 is what Postgres gives.
   */
  readonly positionStep?: bigint;
}

/** Steps of the default, in turn: an event takes some hundred bytes. */
const STEPS = [1n, 207n, 64n, 1_031n, 518n];

/** The port in memory, for tests: the same semantics, nothing kept after the process. */
export class MemoryEventStore implements EventStore {
  readonly logId = randomBytes(4).toString('hex');
  readonly #log: RecordedEvent[] = [];
  readonly #streams = new Map<string, RecordedEvent[]>();
  readonly #head = new LogHead();
  readonly #now: () => number;
  readonly #step: bigint | undefined;
  #loss: { readonly when: LostReply; hold(append: () => void): void } | undefined;

  constructor(options: MemoryEventStoreOptions = {}) {
    this.#now = options.now ?? Date.now;
    this.#step = options.positionStep;
  }

  async append(stream: string, events: readonly NewEvent[], options: AppendOptions): Promise<AppendResult> {
    this.#checkOpen();
    checkAppend(stream, events, options);
    await Promise.resolve();
    const loss = this.#loss;
    this.#loss = undefined;
    if (!loss) return this.#write(stream, events, options);
    if (loss.when === 'after-commit') this.#write(stream, events, options);
    if (loss.when === 'late') loss.hold(() => this.#write(stream, events, options));
    throw new AppendOutcomeUnknownError(stream);
  }

  async *readStream(
    stream: string,
    options: ReadStreamOptions = {},
  ): AsyncGenerator<readonly RecordedEvent[]> {
    this.#checkOpen();
    const from = options.from ?? 0;
    const end = Math.min(from + (options.maxCount ?? Infinity), this.#streams.get(stream)?.length ?? 0);
    for (let at = from; at < end; at += BATCH_SIZE_DEFAULT) {
      yield this.#streams.get(stream)!.slice(at, Math.min(at + BATCH_SIZE_DEFAULT, end));
    }
  }

  async *readAll(options: ReadAllOptions = {}): AsyncGenerator<readonly RecordedEvent[]> {
    this.#checkOpen();
    const after = options.after ?? LOG_START;
    checkStart(after, this.#head.known);
    const start = this.#behind(after);
    const end = Math.min(start + (options.maxCount ?? Infinity), this.#log.length);
    for (let at = start; at < end; at += BATCH_SIZE_DEFAULT) {
      yield this.#log.slice(at, Math.min(at + BATCH_SIZE_DEFAULT, end));
    }
  }

  async *subscribe(options: SubscribeOptions): AsyncGenerator<SubscriptionMessage> {
    this.#checkOpen();
    checkStart(options.after, this.#head.known);
    const { signal, batchSizeMax = BATCH_SIZE_DEFAULT } = options;
    const matches = matcherOf(options) ?? (() => true);
    let checkpoint = options.after;
    const ended = () => signal.aborted || this.#head.closed;
    while (!ended()) {
      while (checkpoint < this.#head.known && !ended()) {
        const start = this.#behind(checkpoint);
        const window = this.#log.slice(start, start + batchSizeMax);
        checkpoint = window.at(-1)!.position;
        yield { kind: 'batch', events: window.filter(matches), checkpoint };
      }
      if (ended()) return;
      yield { kind: 'caught-up', checkpoint };
      await this.#head.moved(checkpoint, signal);
    }
  }

  async head(): Promise<Position> {
    return this.#head.known;
  }

  async now(): Promise<number> {
    return this.#now();
  }

  async close(): Promise<void> {
    this.#head.close();
  }

  /** Fault for tests: the reply to the next append is lost, its caller gets `AppendOutcomeUnknownError`. */
  loseNextReply(when: LostReply): PlannedLoss {
    let held: (() => void) | undefined;
    this.#loss = { when, hold: (append) => (held = append) };
    return {
      release: async () => {
        try {
          held?.();
        } catch (error) {
          // Nobody waits for the late request any more: its refusal has no reader.
          if (!(error instanceof WrongExpectedRevisionError)) throw error;
        }
      },
    };
  }

  #write(stream: string, events: readonly NewEvent[], { expected }: AppendOptions): AppendResult {
    const known = this.#streams.get(stream) ?? [];
    const base = expected === 'no_stream' ? -1 : expected;
    if (known.length - 1 !== base) {
      const earlier = known.slice(base + 1, base + 1 + events.length);
      if (earlier.length === events.length && earlier.every((event, i) => event.id === events[i]!.id)) {
        return resultOf(earlier);
      }
      throw new WrongExpectedRevisionError(
        stream,
        expected,
        known.length === 0 ? 'no_stream' : known.length - 1,
      );
    }
    const recordedAt = Math.max(this.#now(), this.#log.at(-1)?.recordedAt ?? 0);
    let position = this.#head.known;
    const recorded = events.map(({ id, type, data, metadata }, i): RecordedEvent => {
      position += this.#step ?? STEPS[(this.#log.length + i) % STEPS.length]!;
      return { stream, revision: base + 1 + i, position, recordedAt, id, type, data, metadata };
    });
    this.#streams.set(stream, known);
    known.push(...recorded);
    this.#log.push(...recorded);
    this.#head.advance(position);
    return resultOf(recorded);
  }

  /** Index of the first event behind `after`. */
  #behind(after: Position): number {
    let low = 0;
    let high = this.#log.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#log[middle]!.position <= after) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #checkOpen(): void {
    if (this.#head.closed) throw new StoreUnavailableError('The event store is closed.');
  }
}

function resultOf(events: readonly RecordedEvent[]): AppendResult {
  return { revision: events.at(-1)!.revision, positions: events.map((event) => event.position) };
}
