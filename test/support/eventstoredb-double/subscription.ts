import { randomUUID } from 'node:crypto';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { EventFilter } from './event-filter.js';
import type { Faults } from './faults.js';
import type { LogEvent } from './log-event.js';
import type { Log } from './log.js';
import { caughtUpAnswer, checkpointAnswer, confirmationAnswer, eventAnswer } from './read-answers.js';
import { tooSlow } from './rpc-errors.js';

/** Events looked at before others get their turn. */
const TURN_EVENTS = 4_096;

export type ReadCall = ServerWritableStream<ReadReq, Buffer>;

export interface LiveBuffer {
  /** Events that may wait for a live subscriber. */
  readonly size: number;
  /** What happens to a subscriber for whom more wait: it catches up again, as on 24.6, or is dropped, as on 23.10. */
  readonly whenFull: 'catch-up' | 'drop';
}

export interface FeedStart {
  /** In order; grows at its end only. */
  readonly events: readonly LogEvent[];
  /** Index of the first event to look at; may lie beyond the end. */
  readonly next: number;
}

export interface SubscriptionOptions {
  readonly call: ReadCall;
  readonly log: Log;
  readonly faults: Faults;
  readonly buffer: LiveBuffer;
  readonly filter: EventFilter | undefined;
  readonly start: FeedStart;
}

/** Feeds one subscriber: first what is there, then what comes, at the pace it reads. */
export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #events: readonly LogEvent[];
  readonly #matches: (event: LogEvent) => boolean;
  #next: number;
  #live = false;
  #stopped = false;
  /** The subscriber has not read what it was sent last. */
  #blocked = false;
  #turnPlanned = false;
  #lookedAt = 0;
  /** Events that wait for a live subscriber, and up to where they were counted. */
  #waiting = 0;
  #countedTo = 0;
  #unwatch: () => void = () => undefined;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#events = options.start.events;
    this.#next = options.start.next;
    this.#matches = options.filter?.matches ?? (() => true);
  }

  open(): void {
    const { call, log } = this.#options;
    this.#write(confirmationAnswer(randomUUID()));
    call.on('drain', () => {
      this.#blocked = false;
      this.feed();
    });
    this.#unwatch = log.watch(() => this.#appended());
    this.feed();
  }

  stop(): void {
    this.#stopped = true;
    this.#unwatch();
  }

  repeatCaughtUp(): void {
    if (this.#live) this.#write(caughtUpAnswer());
  }

  /** Sends what may be sent now. */
  feed(): void {
    const turnEnd = this.#lookedAt + TURN_EVENTS;
    while (this.#maySend() && this.#next < this.#events.length) {
      if (this.#lookedAt === turnEnd) return this.#planTurn();
      this.#sendNext();
    }
    if (this.#maySend() && !this.#live) {
      this.#live = true;
      this.#write(caughtUpAnswer());
    }
    if (this.#live) this.#watchBuffer();
  }

  #maySend(): boolean {
    return !this.#stopped && !this.#blocked && !this.#options.faults.hanging;
  }

  #sendNext(): void {
    const { filter } = this.#options;
    const wasCounted = this.#next < this.#countedTo;
    const event = this.#events[this.#next++]!;
    this.#lookedAt++;
    if (this.#matches(event)) {
      if (wasCounted) this.#waiting--;
      this.#write(eventAnswer(event));
    }
    if (filter && this.#lookedAt % filter.checkpointEvery === 0) {
      // One event back, so that it may lie behind the event just delivered, as the server's own may.
      const passed = this.#events[Math.max(0, this.#next - 2)]!;
      this.#write(checkpointAnswer(passed.position));
    }
  }

  #appended(): void {
    if (!this.#live || this.#turnPlanned) return;
    if (this.#maySend()) this.#planTurn();
    else this.#watchBuffer();
  }

  /** All appends of one moment are sent together. */
  #planTurn(): void {
    if (this.#turnPlanned) return;
    this.#turnPlanned = true;
    setImmediate(() => {
      this.#turnPlanned = false;
      this.feed();
    });
  }

  #watchBuffer(): void {
    if (this.#countedTo < this.#next) {
      this.#countedTo = this.#next;
      this.#waiting = 0;
    }
    const { size, whenFull } = this.#options.buffer;
    for (; this.#countedTo < this.#events.length; this.#countedTo++) {
      if (this.#matches(this.#events[this.#countedTo]!)) this.#waiting++;
    }
    if (this.#waiting <= size) return;
    this.#live = false;
    if (whenFull === 'drop') {
      this.stop();
      this.#options.call.emit('error', tooSlow());
    }
  }

  #write(bytes: Buffer): void {
    if (this.#options.call.writableEnded) return;
    if (!this.#options.call.write(bytes)) this.#blocked = true;
  }
}
