import { ForeignPositionError } from '#libs/event-store/errors.js';
import type { Position, RecordedEvent } from '#libs/event-store/port.js';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { pause, type Bell } from './bell.js';
import { EventRing, type RingLimits } from './event-ring.js';
import { isPassing, named } from './failures.js';
import type { KnownHead } from './known-head.js';
import type { LogClient, ReadCall } from './log-client.js';
import type { LogNames } from './log-names.js';
import type { LogReader } from './log-reader.js';
import { received, subscribeRequest } from './wire.js';

const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 2_000;
/** The tail lets nearly everything pass, so a report of the server in between says little: they may be rare. */
const WINDOW_EVENTS = 10_000;

export interface LiveTailParts {
  readonly client: LogClient;
  readonly reader: LogReader;
  readonly names: LogNames;
  readonly head: KnownHead;
  readonly bell: Bell;
  readonly limits: RingLimits;
  /** Asks the server for the head, and makes sure that it still holds the same log. */
  readonly checkHead: () => Promise<Position>;
  /** How often the head is asked for in case the subscription fell silent, milliseconds. */
  readonly pollMs: number;
}

/**
 * One subscription to the whole log for all subscribers of this process, and its youngest events. It never pushes
 * back: a subscriber too slow for it reads behind it on its own, so the server has no slow consumer to drop.
 */
export class LiveTail {
  readonly #ring: EventRing;
  #subscribers = 0;
  #running: AbortController | undefined;
  #stopped: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #call: ReadCall | undefined;
  #awake = new AbortController();
  #flushing: NodeJS.Immediate | undefined;

  constructor(private readonly parts: LiveTailParts) {
    this.#ring = new EventRing(parts.limits);
  }

  /** What ended the subscription for good. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  join(): void {
    this.#subscribers++;
    if (this.#running) return;
    const running = new AbortController();
    this.#running = running;
    this.#failure = undefined;
    this.#stopped = this.#stopped.then(() => this.#run(running.signal));
  }

  leave(): void {
    this.#subscribers--;
    if (this.#subscribers === 0) this.#stop();
  }

  /** The server has just answered somebody: no use in waiting longer before trying again. */
  poke(): void {
    this.#awake.abort();
  }

  /** Whether everything behind `position` is, or will be, delivered here. */
  covers(position: Position): boolean {
    return this.#ring.covers(position);
  }

  read(after: Position, countMax: number): readonly RecordedEvent[] | undefined {
    return this.#ring.read(after, countMax);
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#stopped;
  }

  #stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#call?.cancel();
  }

  async #run(signal: AbortSignal): Promise<void> {
    let restarted = false;
    for (let waitMs = RETRY_MS_MIN; !signal.aborted; waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)) {
      try {
        const head = await this.parts.checkHead();
        if (restarted) await this.#checkLast(head);
        // After a time without subscribers there is a gap, and a log cut short has other events there now.
        if (!restarted || head < this.#ring.last!) this.#ring.start(head);
        restarted = true;
        if (signal.aborted) return;
        this.parts.bell.ring();
        await this.#listen(this.#ring.last!, signal, () => (waitMs = RETRY_MS_MIN));
      } catch (error) {
        if (signal.aborted) return;
        if (!isPassing(error)) return this.#fail(error);
      }
      this.#awake = new AbortController();
      await pause(waitMs, AbortSignal.any([signal, this.#awake.signal]));
    }
  }

  /** A log that was cut short and has grown again is past what was read of it, and another one all the same. */
  async #checkLast(head: Position): Promise<void> {
    const last = this.#ring.newest;
    if (!last || last.position > head || (await this.parts.reader.holds(last))) return;
    throw new ForeignPositionError(
      `The event ${last.id} at position ${last.position} is no longer in the log: it was replaced by an older one ` +
        'that went on. Rebuild what was read from it.',
    );
  }

  #fail(error: unknown): void {
    this.#failure = error instanceof Error ? error : new Error(String(error));
    this.#stop();
    this.parts.bell.ring();
  }

  /** Resolves when the server ends the subscription, rejects when it breaks. */
  async #listen(after: Position, signal: AbortSignal, heard: () => void): Promise<void> {
    const { client, names, reader, pollMs } = this.parts;
    const range = { after: reader.placeOf(after), filter: names.all, windowEvents: WINDOW_EVENTS };
    let watch: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const listen = (call: ReadCall) => {
          this.#call = call;
          call.on('data', (response: ReadResp) => {
            heard();
            this.#take(response);
          });
          call.on('error', (error) => reject(named(error)));
          call.on('end', resolve);
          watch = setInterval(() => void this.#watch(call), pollMs);
          if (signal.aborted) call.cancel();
        };
        client.subscribe(subscribeRequest(range), listen).catch(reject);
      });
    } finally {
      clearInterval(watch);
      this.#flush();
    }
  }

  #take(response: ReadResp): void {
    const message = received(response);
    const event = message?.kind === 'event' ? this.parts.reader.visible(message.event) : undefined;
    if (!event || event.position <= this.#ring.last!) return;
    this.#ring.push(event);
    // What arrived together is handed on together.
    this.#flushing ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (!this.#flushing) return;
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    this.parts.head.advance(this.#ring.last!);
    this.parts.bell.ring();
  }

  /** A subscription that stays behind the head though nothing holds it up is made anew. */
  async #watch(call: ReadCall): Promise<void> {
    const before = this.#ring.last!;
    const head = await this.parts.checkHead().catch(() => undefined);
    if (head === undefined || head <= before) return;
    await pause(this.parts.pollMs, this.#running?.signal ?? AbortSignal.abort());
    if (this.#ring.last === before && this.#call === call) call.cancel();
  }
}
