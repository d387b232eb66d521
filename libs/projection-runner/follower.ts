import type { EventStore, Position } from '#libs/event-store/port.js';
import type { LoggedEvent } from './projection.js';
import { Signal } from './signal.js';
import { decodeEvents, type Window } from './window.js';

/** Events of a window up to which the next one does not wait longer than `coalesceMs`. */
const LIGHT_EVENTS = 64;
/** Asked of the store at once. */
const BATCH_EVENTS = 1_000;

export interface FollowOptions {
  /** A window is handed over at once when it has so many events. */
  readonly windowEventsMax: number;
  /** How long the first event of a window waits for more under light traffic, milliseconds. */
  readonly coalesceMs: number;
  /** The same under heavy traffic: fewer and larger transactions cost less. */
  readonly coalesceMsMax: number;
  readonly signal: AbortSignal;
}

/** Reads a subscription ahead, decodes it and cuts it into windows. Good for one run. */
export class Follower {
  readonly #arrived = new Signal();
  readonly #taken = new Signal();
  #pending: LoggedEvent[] = [];
  #pendingSince = 0;
  #checkpoint: Position = 0n;
  #ended: { readonly failure: Error | undefined } | undefined;

  constructor(
    private readonly store: Pick<EventStore, 'subscribe'>,
    private readonly options: FollowOptions,
  ) {}

  /**
   * Hands over window after window, each when the one before was accepted; resolves when the signal fires.
   * @throws UndecodableEventError behind the last window it could read, and what the store throws
   */
  async run(after: Position, accept: (window: Window) => Promise<void>): Promise<void> {
    this.#checkpoint = after;
    void this.#collect(after);
    try {
      await this.#handOver(after, accept);
    } finally {
      this.#taken.raise();
    }
  }

  async #handOver(after: Position, accept: (window: Window) => Promise<void>): Promise<void> {
    let from = after;
    let waitMs = this.options.coalesceMs;
    for (;;) {
      await this.#ready(from, waitMs);
      if (this.options.signal.aborted) return;
      if (this.#checkpoint === from) {
        if (this.#ended?.failure) throw this.#ended.failure;
        return;
      }
      const window = this.#take(from);
      from = window.checkpoint;
      waitMs = window.events.length > LIGHT_EVENTS ? this.options.coalesceMsMax : this.options.coalesceMs;
      await accept(window);
    }
  }

  /** Resolves when there is a window to hand over, or the subscription has ended. */
  async #ready(from: Position, waitMs: number): Promise<void> {
    while (this.#ended === undefined) {
      if (this.#checkpoint === from) {
        await this.#arrived.wait();
        continue;
      }
      const leftMs = this.#pendingSince + waitMs - performance.now();
      if (this.#pending.length >= this.options.windowEventsMax || leftMs <= 0) return;
      await this.#arrived.wait(leftMs);
    }
  }

  #take(from: Position): Window {
    const window = { after: from, checkpoint: this.#checkpoint, events: this.#pending };
    this.#pending = [];
    this.#taken.raise();
    return window;
  }

  async #collect(after: Position): Promise<void> {
    let failure: Error | undefined;
    try {
      const { signal, windowEventsMax } = this.options;
      for await (const message of this.store.subscribe({ after, signal, batchSizeMax: BATCH_EVENTS })) {
        if (message.kind !== 'batch') continue;
        const decoded: LoggedEvent[] = [];
        failure = await decodeEvents(message.events, decoded);
        this.#add(decoded, failure === undefined ? message.checkpoint : decoded.at(-1)?.position);
        if (failure !== undefined) break;
        while (this.#pending.length >= windowEventsMax && !signal.aborted) await this.#taken.wait();
      }
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    this.#ended = { failure };
    this.#arrived.raise();
  }

  #add(decoded: readonly LoggedEvent[], checkpoint: Position | undefined): void {
    if (checkpoint === undefined) return;
    if (this.#pending.length === 0) this.#pendingSince = performance.now();
    for (const event of decoded) this.#pending.push(event);
    this.#checkpoint = checkpoint;
    this.#arrived.raise();
  }
}
