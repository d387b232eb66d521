import { PositionBeyondHeadError } from '#libs/event-store/errors.js';
import { matcherOf } from '#libs/event-store/filter.js';
import { checkStart } from '#libs/event-store/log-head.js';
import {
  BATCH_SIZE_DEFAULT,
  type Position,
  type RecordedEvent,
  type SubscribeOptions,
  type SubscriptionMessage,
} from '#libs/event-store/port.js';
import { pause, type Bell } from './bell.js';
import { CatchUp, type CatchUpParts, type Page } from './catch-up.js';
import { isPassing } from './failures.js';
import type { LiveTail } from './live-tail.js';

const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 2_000;

export interface SubscriptionParts extends CatchUpParts {
  readonly tail: LiveTail;
  readonly bell: Bell;
  /** Asks the server for the head, and makes sure that it still holds the same log. */
  readonly checkHead: () => Promise<Position>;
}

/**
 * Follows the log: behind the live tail by a subscription of its own, along it from memory. Failed calls are repeated
 * until they succeed; a log that was replaced or cut short ends it by name. `options.signal` aborts when the store
 * closes, too.
 */
export async function* followLog(
  parts: SubscriptionParts,
  options: SubscribeOptions,
): AsyncGenerator<SubscriptionMessage> {
  const { head, tail, bell, checkHead } = parts;
  const { signal } = options;
  const first = await retried(checkHead, signal);
  if (first === undefined) return;
  checkStart(options.after, first);
  const pages = new PageSource(parts, options);
  tail.join();
  try {
    let checkpoint = options.after;
    let marked: Position | undefined;
    while (!signal.aborted) {
      const heard = bell.count;
      if (tail.failure) throw tail.failure;
      if (checkpoint > head.known) throw new PositionBeyondHeadError(checkpoint, head.known);
      const page = checkpoint < head.known ? await pages.next(checkpoint) : undefined;
      if (signal.aborted) return;
      if (page) {
        checkpoint = page.checkpoint;
        yield { kind: 'batch', ...page };
        continue;
      }
      if (checkpoint === head.known && checkpoint !== marked) {
        marked = checkpoint;
        yield { kind: 'caught-up', checkpoint };
      }
      await bell.rungSince(heard, signal);
    }
  } finally {
    pages.stop();
    tail.leave();
  }
}

class PageSource {
  readonly #matches: ((event: RecordedEvent) => boolean) | undefined;
  readonly #countMax: number;
  readonly #catchUp: CatchUp;

  constructor(
    private readonly parts: SubscriptionParts,
    private readonly options: SubscribeOptions,
  ) {
    this.#matches = matcherOf(options);
    this.#countMax = options.batchSizeMax ?? BATCH_SIZE_DEFAULT;
    this.#catchUp = new CatchUp(parts, options);
  }

  /** The page behind `after`; `undefined` when the tail is still to bring it, or the subscriber ended. */
  async next(after: Position): Promise<Page | undefined> {
    const { tail } = this.parts;
    const { signal } = this.options;
    let failed = false;
    while (!tail.covers(after) && !signal.aborted) {
      const page = await retried(async () => {
        // A broken connection may come back to another log.
        if (failed) await this.parts.checkHead();
        failed = true;
        return (await this.#catchUp.next(after)) ?? 'nothing new';
      }, signal);
      if (page !== 'nothing new') return page;
      await pause(RETRY_MS_MIN, signal);
    }
    this.#catchUp.stop();
    const events = tail.read(after, this.#countMax);
    return (
      events && {
        events: this.#matches ? events.filter(this.#matches) : events,
        checkpoint: events.at(-1)!.position,
      }
    );
  }

  stop(): void {
    this.#catchUp.stop();
  }
}

/** Repeats a call while the server is away; `undefined` when the subscriber ended meanwhile. */
async function retried<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  for (let waitMs = RETRY_MS_MIN; !signal.aborted; waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!isPassing(error)) throw error;
      await pause(waitMs, signal);
    }
  }
  return undefined;
}
