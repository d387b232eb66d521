import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore, Position } from '#libs/event-store/port.js';
import { Follower, type FollowOptions } from './follower.js';
import type { LoggedEvent } from './projection.js';
import { Signal } from './signal.js';
import { decodeEvents, type Window, windowBehind } from './window.js';

/** Windows kept, so that readers need not be exactly in step. */
const WINDOWS_MAX = 3;
/** A reader that holds up the others for so long reads for itself until it meets them again. */
const PATIENCE_MS = 2_000;
/** How often a reader that reads for itself looks for more when there is none. */
const POLL_MS = 50;

export interface FeedOptions extends FollowOptions {
  readonly store: Pick<EventStore, 'subscribe' | 'readAll'>;
}

/** Where one projection stands in the feed. */
export interface FeedReader {
  /**
   * The window behind `after`, waiting for one if need be; undefined when the feed has ended.
   * @throws UndecodableEventError, PositionBeyondHeadError and what reading the store throws
   */
  next(after: Position): Promise<Window | undefined>;
  /** Nobody waits for this reader until it asks again. */
  pause(): void;
}

interface ReaderState {
  /** Behind which position it reads; undefined while it is paused. */
  at: Position | undefined;
  askedAt: number;
}

/** One run of the subscription: ends when it fails, the next reader starts another. */
interface Following {
  /** Without gaps up to `tail`. */
  windows: Window[];
  tail: Position;
  failure: unknown;
}

/**
 * One subscription and one decoding for all projections of a process. Readers go in step, so that a window is decoded
 * once; one that is too far behind, or ahead, reads for itself until it meets the others.
 */
export class SharedFeed {
  readonly #readers = new Set<ReaderState>();
  readonly #changed = new Signal();
  #following: Following | undefined;

  constructor(private readonly options: FeedOptions) {
    options.signal.addEventListener('abort', () => this.#changed.raise(), { once: true });
  }

  /** Position up to which the log was handed out; undefined before the first reader. */
  get seen(): Position | undefined {
    return this.#following?.tail;
  }

  reader(): FeedReader {
    const state: ReaderState = { at: undefined, askedAt: 0 };
    this.#readers.add(state);
    return {
      next: (after) => this.#next(state, after),
      pause: () => {
        state.at = undefined;
        this.#changed.raise();
      },
    };
  }

  async #next(reader: ReaderState, after: Position): Promise<Window | undefined> {
    const { signal } = this.options;
    const askedAt = performance.now();
    reader.at = after;
    const following = (this.#following ??= this.#follow(after));
    this.#changed.raise();
    while (!signal.aborted) {
      reader.askedAt = performance.now();
      const window = following.windows.find((each) => each.checkpoint > after && each.after <= after);
      if (window) return windowBehind(window, after);
      if (following.failure !== undefined) throw asError(following.failure);
      if (after === following.tail) await this.#changed.wait();
      else if (after > following.tail && performance.now() - askedAt < PATIENCE_MS) {
        // Ahead of the others by a window or two, after a restart: they will be here at once.
        await this.#changed.wait(POLL_MS);
      } else {
        const own = await this.#readAlone(after, following);
        if (own) return own;
        await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  /** For a reader out of step: decoded for it alone, up to where it can join the others. */
  async #readAlone(after: Position, following: Following): Promise<Window | undefined> {
    const { store, windowEventsMax } = this.options;
    const meeting = following.windows[0]?.after ?? following.tail;
    const upTo = after < meeting ? meeting : undefined;
    const events: LoggedEvent[] = [];
    for await (const batch of store.readAll({ after, maxCount: windowEventsMax })) {
      const wanted = upTo === undefined ? batch : batch.filter((event) => event.position <= upTo);
      const failure = await decodeEvents(wanted, events);
      if (failure && events.length === 0) throw failure;
      if (failure || wanted.length < batch.length) break;
    }
    const last = events.at(-1);
    return last && { after, checkpoint: last.position, events };
  }

  #follow(after: Position): Following {
    const following: Following = { windows: [], tail: after, failure: undefined };
    const follower = new Follower(this.options.store, this.options);
    void follower
      .run(after, (window) => this.#publish(following, window))
      .catch((error: unknown) => {
        following.failure = error;
      })
      .finally(() => {
        if (this.#following === following) this.#following = undefined;
        this.#changed.raise();
      });
    return following;
  }

  /** Hands a window over; resolves when the oldest one is no longer needed, so that another may follow. */
  async #publish(following: Following, window: Window): Promise<void> {
    const { signal } = this.options;
    following.windows.push(window);
    following.tail = window.checkpoint;
    this.#changed.raise();
    while (following.windows.length >= WINDOWS_MAX && !signal.aborted) {
      if (this.#isNeeded(following.windows[0]!)) await this.#changed.wait(PATIENCE_MS);
      else following.windows.shift();
    }
  }

  #isNeeded(window: Window): boolean {
    const now = performance.now();
    const active = [...this.#readers].filter(({ at }) => at !== undefined);
    // With nobody there to read, nothing needs to be decoded either.
    if (active.length === 0) return true;
    return active.some(
      ({ at, askedAt }) => at! >= window.after && at! < window.checkpoint && now - askedAt < PATIENCE_MS,
    );
  }
}

const asError = (value: unknown): Error => (value instanceof Error ? value : new Error(String(value)));
