import { matcherOf } from '#libs/event-store/filter.js';
import {
  BATCH_SIZE_DEFAULT,
  LOG_START,
  type Position,
  type RecordedEvent,
  type SubscribeOptions,
} from '#libs/event-store/port.js';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { named, ReadTimeoutError } from './failures.js';
import type { KnownHead } from './known-head.js';
import type { LogClient, ReadCall } from './log-client.js';
import type { LogNames } from './log-names.js';
import type { LogReader } from './log-reader.js';
import { received, subscribeRequest, type Received } from './wire.js';

/**
 * Events the server looks at between two reports, and in one go where hardly anything matches. Its default of 32 makes
 * a sparse catch-up 5 to 10 times slower.
 */
const WINDOW_EVENTS = 10_000;
/** A page that is not full is handed over when nothing came for so long. */
const LINGER_MS = 250;

export interface Page {
  readonly events: readonly RecordedEvent[];
  readonly checkpoint: Position;
}

export interface CatchUpParts {
  readonly client: Pick<LogClient, 'subscribe'>;
  readonly reader: Pick<LogReader, 'placeOf' | 'visible' | 'visibleBefore'>;
  readonly names: LogNames;
  readonly head: KnownHead;
  /** A server silent for so long before it has caught up is asked again, milliseconds. */
  readonly timeoutMs: number;
}

/**
 * The way of one subscriber from its checkpoint to the live tail: a subscription that the server filters, read as fast
 * as the subscriber takes it. Checkpoints are positions of events of this log, or the one it started at.
 */
export class CatchUp {
  readonly #matches: (event: RecordedEvent) => boolean;
  readonly #countMax: number;
  #source: Source | undefined;
  /** The head when the source was opened: the server has passed it once it says that it caught up, and no more. */
  #openedAt: Position = LOG_START;
  /** The newest head known: a page ends there instead of waiting for more. */
  #target: Position = LOG_START;

  constructor(
    private readonly parts: CatchUpParts,
    private readonly options: SubscribeOptions,
  ) {
    this.#matches = matcherOf(options) ?? (() => true);
    this.#countMax = options.batchSizeMax ?? BATCH_SIZE_DEFAULT;
  }

  /** The page behind `after`, with a checkpoint further on; `undefined` when the subscriber ended meanwhile. */
  async next(after: Position): Promise<Page | undefined> {
    const { head, names } = this.parts;
    const filter = names.narrowed(this.options);
    if (!filter) return { events: [], checkpoint: head.known };
    if (!this.#source) {
      this.#openedAt = this.#target = head.known;
      this.#source = await Source.open(this.parts, { after, filter, signal: this.options.signal });
    }
    try {
      return await this.#page(this.#source, after);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** What is still on its way is thrown away; the next page starts a new source. */
  stop(): void {
    this.#source?.cancel();
    this.#source = undefined;
  }

  async #page(source: Source, after: Position): Promise<Page | undefined> {
    const events: RecordedEvent[] = [];
    let checkpoint = after;
    while (events.length < this.#countMax) {
      const message = await source.next(events.length > 0 ? LINGER_MS : this.parts.timeoutMs);
      if (this.options.signal.aborted) return undefined;
      if (message === 'silent') {
        if (events.length > 0) break;
        throw new ReadTimeoutError(this.parts.timeoutMs);
      }
      if (message === 'ended' || message.kind === 'caught-up') {
        this.stop();
        if (message !== 'ended' && this.#openedAt > checkpoint) checkpoint = this.#openedAt;
        break;
      }
      if (message.kind === 'checkpoint') {
        const passed = await this.#visibleAt(message.position, checkpoint);
        if (passed === checkpoint && events.length === 0) continue;
        checkpoint = passed;
        break;
      }
      const event = message.kind === 'event' ? this.parts.reader.visible(message.event) : undefined;
      if (!event || event.position <= checkpoint) continue;
      checkpoint = event.position;
      // What was just appended may come this way before the tail, or anybody else here, has heard of it.
      this.parts.head.advance(checkpoint);
      if (this.#matches(event)) events.push(event);
      if (checkpoint >= this.#target && !this.#moveTarget(checkpoint)) break;
    }
    return checkpoint > after ? { events, checkpoint } : undefined;
  }

  /** The last position that may be handed out when the server has looked at everything up to `position`. */
  async #visibleAt(position: Position, checkpoint: Position): Promise<Position> {
    if (position >= this.#target) return this.#target > checkpoint ? this.#target : checkpoint;
    return (await this.parts.reader.visibleBefore(position, checkpoint)) ?? checkpoint;
  }

  #moveTarget(checkpoint: Position): boolean {
    this.#target = this.parts.head.known;
    return this.#target > checkpoint;
  }
}

/** Messages of one subscription, taken one by one: what is not taken holds the server up. */
class Source {
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;
  #call: ReadCall | undefined;

  private constructor(private readonly signal: AbortSignal) {}

  static async open(
    { client, reader }: CatchUpParts,
    {
      after,
      filter,
      signal,
    }: {
      readonly after: Position;
      readonly filter: Parameters<typeof subscribeRequest>[0]['filter'];
      readonly signal: AbortSignal;
    },
  ): Promise<Source> {
    const source = new Source(signal);
    const range = { after: reader.placeOf(after), filter, windowEvents: WINDOW_EVENTS };
    await client.subscribe(subscribeRequest(range), (call) => source.#listen(call));
    return source;
  }

  /** `silent` when nothing came for `patienceMs` or the signal aborted. @throws what broke the subscription */
  async next(patienceMs: number): Promise<Received | 'ended' | 'silent'> {
    let until: number | undefined;
    for (;;) {
      for (let response = this.#take(); response; response = this.#take()) {
        const message = received(response);
        if (message) return message;
      }
      if (this.#error) throw this.#error;
      if (this.#ended) return 'ended';
      until ??= performance.now() + patienceMs;
      const leftMs = until - performance.now();
      if (leftMs <= 0 || this.signal.aborted) return 'silent';
      await this.#more(leftMs);
    }
  }

  cancel(): void {
    this.#call?.cancel();
  }

  #take(): ReadResp | undefined {
    const next: unknown = this.#call!.read();
    return next === null ? undefined : (next as ReadResp);
  }

  #listen(call: ReadCall): void {
    this.#call = call;
    const wake = () => this.#wake?.();
    call.on('readable', wake);
    call.on('end', () => ((this.#ended = true), wake()));
    call.on('error', (error) => ((this.#error = named(error)), wake()));
  }

  async #more(patienceMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        this.signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, patienceMs);
      this.#wake = end;
      this.signal.addEventListener('abort', end);
    });
  }
}
