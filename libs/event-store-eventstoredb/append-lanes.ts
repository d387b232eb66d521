import { StoreUnavailableError } from '#libs/event-store/errors.js';

/**
 * Appends on their way at once. A server commonly takes 100 calls on one connection: the rest is for reads and
 * subscriptions, which must not wait behind appends. More of them made no server quicker.
 */
export const APPENDS_IN_FLIGHT_MAX = 64;
/** Of these at most so many of a bulk, so that single appends do not stand in a queue of large ones. */
export const BULK_APPENDS_IN_FLIGHT_MAX = 16;

interface Waiting {
  readonly bulk: boolean;
  readonly start: () => Promise<void>;
  readonly refuse: (error: Error) => void;
}

/**
 * Lets appends to different streams run side by side, and those to one stream one after another in the order given:
 * calls side by side reach the server in any order, and all but one would conflict.
 */
export class AppendLanes {
  /** Of each stream with an append on its way, those that wait for it. */
  readonly #streams = new Map<string, Waiting[]>();
  readonly #single: (() => void)[] = [];
  readonly #bulk: (() => void)[] = [];
  #inFlight = 0;
  #bulkInFlight = 0;
  #closed = false;
  #idle: (() => void) | undefined;

  run<T>(stream: string, bulk: boolean, append: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) return reject(closedError());
      const start = () => append().then(resolve, reject);
      const waiting: Waiting = { bulk, start, refuse: reject };
      const lane = this.#streams.get(stream);
      if (lane) lane.push(waiting);
      else {
        this.#streams.set(stream, []);
        this.#enter(stream, waiting);
      }
    });
  }

  /** Refuses what waits and resolves when what is on its way was answered. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const lane of this.#streams.values()) {
      for (const waiting of lane.splice(0)) waiting.refuse(closedError());
    }
    // Their streams have entered the hall but no call was made yet: `#leave` finds them closed.
    this.#admit();
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  #enter(stream: string, waiting: Waiting): void {
    (waiting.bulk ? this.#bulk : this.#single).push(() => void this.#fly(stream, waiting));
    this.#admit();
  }

  #admit(): void {
    while (this.#inFlight < APPENDS_IN_FLIGHT_MAX) {
      const mayBulk = this.#bulkInFlight < BULK_APPENDS_IN_FLIGHT_MAX;
      const next = this.#single.shift() ?? (mayBulk ? this.#bulk.shift() : undefined);
      if (!next) return;
      next();
    }
  }

  async #fly(stream: string, { bulk, start, refuse }: Waiting): Promise<void> {
    if (this.#closed) return refuse(closedError());
    this.#inFlight++;
    if (bulk) this.#bulkInFlight++;
    await start();
    this.#inFlight--;
    if (bulk) this.#bulkInFlight--;
    const next = this.#streams.get(stream)?.shift();
    if (next) this.#enter(stream, next);
    else this.#streams.delete(stream);
    this.#admit();
    if (this.#inFlight === 0) this.#idle?.();
  }
}

function closedError(): StoreUnavailableError {
  return new StoreUnavailableError('The event store is closed.');
}
