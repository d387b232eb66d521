import { PositionBeyondHeadError } from '#libs/event-store/errors.js';
import { matcherOf } from '#libs/event-store/filter.js';
import { checkStart, type LogHead } from '#libs/event-store/log-head.js';
import {
  BATCH_SIZE_DEFAULT,
  type Position,
  type RecordedEvent,
  type SubscribeOptions,
  type SubscriptionMessage,
} from '#libs/event-store/port.js';
import { isPassing } from './failures.js';
import type { LogReader } from './log-reader.js';
import type { LogTail } from './log-tail.js';
import type { SharedReads } from './shared-reads.js';

/** A filtered read looks at this many positions at a time: the checkpoint moves on where nothing matches. */
const FILTERED_WINDOW = 20_000n;
const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 1_000;

export interface SubscriptionParts {
  readonly head: LogHead;
  readonly tail: LogTail;
  readonly reader: LogReader;
  readonly shared: SharedReads;
}

interface Page {
  readonly events: readonly RecordedEvent[];
  readonly checkpoint: Position;
}

/**
 * Follows the log. Whatever lies at or below the known head is committed, since positions are given under a lock held
 * to commit; so reading in order of position skips nothing. Failed reads are repeated until they succeed.
 */
export async function* followLog(
  parts: SubscriptionParts,
  options: SubscribeOptions,
): AsyncGenerator<SubscriptionMessage> {
  const pages = new PageSource(parts, options);
  if (pages.ended) return;
  const first = await pages.retried(() => parts.reader.head());
  if (first === undefined) return;
  checkStart(options.after, first);
  parts.head.advance(first);
  parts.shared.join();
  try {
    yield* followFrom(options.after, { head: parts.head, pages, signal: options.signal });
  } finally {
    parts.shared.leave();
  }
}

async function* followFrom(
  after: Position,
  { head, pages, signal }: { head: LogHead; pages: PageSource; signal: AbortSignal },
): AsyncGenerator<SubscriptionMessage> {
  let checkpoint = after;
  while (!pages.ended) {
    while (checkpoint < head.known) {
      const page = await pages.next(checkpoint);
      if (!page || pages.ended) return;
      checkpoint = page.checkpoint;
      yield { kind: 'batch', ...page };
      if (pages.ended) return;
    }
    if (checkpoint > head.known) throw new PositionBeyondHeadError(checkpoint, head.known);
    yield { kind: 'caught-up', checkpoint };
    await head.moved(checkpoint, signal);
  }
}

class PageSource {
  readonly #matches: ReturnType<typeof matcherOf>;
  readonly #countMax: number;
  #ahead: { readonly after: Position; readonly page: Promise<Page | undefined> } | undefined;

  constructor(
    private readonly parts: SubscriptionParts,
    private readonly options: SubscribeOptions,
  ) {
    this.#matches = matcherOf(options);
    this.#countMax = options.batchSizeMax ?? BATCH_SIZE_DEFAULT;
  }

  get ended(): boolean {
    return this.options.signal.aborted || this.parts.head.closed;
  }

  /** The page behind `after`; `undefined` when the subscription ended meanwhile. */
  async next(after: Position): Promise<Page | undefined> {
    const ahead = this.#ahead?.after === after ? this.#ahead.page : undefined;
    this.#ahead = undefined;
    if (!ahead) {
      const near = this.#fromTail(after);
      if (near) return near;
    }
    const page = await (ahead ?? this.#fromDatabase(after));
    if (page) this.#readAhead(page.checkpoint);
    return page;
  }

  /** While the subscriber works on one page, Postgres reads the next. */
  #readAhead(after: Position): void {
    if (this.ended || after >= this.parts.head.known || this.parts.tail.has(after)) return;
    const page = this.#fromDatabase(after);
    // Its failure is the next call's to report, if there is one.
    page.catch(() => undefined);
    this.#ahead = { after, page };
  }

  #fromTail(after: Position): Page | undefined {
    return this.#filtered(this.parts.tail.read(after, this.#countMax));
  }

  #filtered(events: readonly RecordedEvent[] | undefined): Page | undefined {
    if (!events) return undefined;
    return {
      events: this.#matches ? events.filter(this.#matches) : events,
      checkpoint: events.at(-1)!.position,
    };
  }

  async #fromDatabase(after: Position): Promise<Page | undefined> {
    const { head, reader, shared } = this.parts;
    const near = this.#filtered(await this.retried(() => shared.read(after, this.#countMax)));
    if (near || this.ended) return near;
    const known = head.known;
    const upTo = this.#matches && after + FILTERED_WINDOW < known ? after + FILTERED_WINDOW : known;
    const countMax = this.#countMax;
    const events = await this.retried(() => reader.readLog({ after, upTo, countMax }, this.options));
    if (!events) return undefined;
    return { events, checkpoint: events.length < countMax ? upTo : events.at(-1)!.position };
  }

  /** Repeats a read while the server is away; `undefined` when the subscription ended meanwhile. */
  async retried<T>(read: () => Promise<T>): Promise<T | undefined> {
    for (let waitMs = RETRY_MS_MIN; !this.ended; waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)) {
      try {
        return await read();
      } catch (error) {
        if (this.ended) return undefined;
        if (!isPassing(error)) throw error;
        await pause(waitMs, this.options.signal);
      }
    }
    return undefined;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
