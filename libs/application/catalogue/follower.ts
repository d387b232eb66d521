import { setTimeout as sleep } from 'node:timers/promises';
import { decodeEvent } from '#libs/contracts/stored-events.js';
import { StoreUnavailableError } from '#libs/event-store/errors.js';
import { type EventStore, LOG_START, type Position, type RecordedEvent } from '#libs/event-store/port.js';
import type { Clock } from '#libs/kernel/clock.js';
import { Catalogue } from '#libs/ledger/catalogue/catalogue.js';
import type { CatalogueEvent } from '#libs/ledger/catalogue/events.js';
import { CatchingUpFault } from '../outcome.js';
import { CATALOGUE_CATEGORIES } from './definition.js';

/**
 * A process that has not read the log for so long refuses to price: what is published takes effect 60 s later at the
 * earliest, so whoever has read more recently knows it in time (domain rules, section 2).
 */
export const FRESH_MS_MAX = 30_000;
const POLL_MS = 1_000;
/** One reading may take so long; what it has read by then is kept, and the next goes on from there. */
const READ_MS_MAX = 10_000;

/** Rates, policy and plans as far as this process has read them. */
export interface CatalogueFollower {
  /** To price by. @throws CatchingUpFault when the log was not read for 30 s */
  terms(): Catalogue;
  /** To show, however old it is. */
  current(): Catalogue;
  /** Reads the log now. @throws when it cannot be read, or not to its end within 10 s */
  refresh(): Promise<void>;
  /** Resolves when the signal has ended the following. */
  readonly stopped: Promise<void>;
}

export interface FollowOptions {
  readonly store: Pick<EventStore, 'head' | 'subscribe'>;
  readonly clock: Clock;
  /** Ends the following. */
  readonly signal: AbortSignal;
  /** Told of a log that cannot be read, once for each new reason. */
  readonly onFault?: (fault: Error) => void;
  /** Pause between two looks at the log. Default 1,000 ms. */
  readonly pollMs?: number;
}

/**
 * Follows the catalogue's streams: reads them once from the start, then every second what was added. A look costs one
 * question for the head; only when the log has grown are the new positions read, filtered in the store.
 * Resolves when the catalogue was read to the end.
 * @throws the signal's reason when it ends this before; what no waiting mends, such as an event that cannot be read
 */
export async function followCatalogue(options: FollowOptions): Promise<CatalogueFollower> {
  const follower = new LogCatalogue(options);
  await follower.start();
  return follower;
}

class LogCatalogue implements CatalogueFollower {
  stopped: Promise<void> = Promise.resolve();
  private catalogue = Catalogue.EMPTY;
  private checkpoint: Position = LOG_START;
  /** When the last reading that reached the end began: everything published before it is known. */
  private readAt = -Infinity;
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private lastFault: Error | undefined;

  constructor(private readonly options: FollowOptions) {}

  terms(): Catalogue {
    // A clock set back makes the age negative: as little known as a large one.
    const ageMs = Math.abs(this.options.clock.now() - this.readAt);
    if (ageMs > FRESH_MS_MAX) {
      throw new CatchingUpFault(
        `The log was not read for ${Math.round(ageMs / 1_000)} s: prices may have changed. Send the same again.`,
      );
    }
    return this.catalogue;
  }

  current(): Catalogue {
    return this.catalogue;
  }

  /** A call during a reading gets the next one: the running one may have begun before what the caller knows of. */
  refresh(): Promise<void> {
    if (this.running === undefined) {
      this.running = this.read().finally(() => (this.running = undefined));
      return this.running;
    }
    this.next ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.refresh();
      });
    return this.next;
  }

  /** @throws what no waiting mends, such as an event that cannot be read */
  async start(): Promise<void> {
    const { signal } = this.options;
    for (let first = true; first || this.lastFault !== undefined; first = false) {
      signal.throwIfAborted();
      if (!first) await this.pause();
      const fault = await this.look();
      if (fault !== undefined && !isPassing(fault)) throw fault;
    }
    this.stopped = this.poll();
  }

  private async poll(): Promise<void> {
    while (!this.options.signal.aborted) {
      await this.pause();
      await this.look();
    }
  }

  private async pause(): Promise<void> {
    const { signal, pollMs = POLL_MS } = this.options;
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }

  /** One reading; what went wrong, if something did. */
  private async look(): Promise<Error | undefined> {
    const { signal, onFault } = this.options;
    if (signal.aborted) return undefined;
    try {
      await this.refresh();
      return (this.lastFault = undefined);
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error));
      if (!signal.aborted && fault.message !== this.lastFault?.message) onFault?.(fault);
      return (this.lastFault = fault);
    }
  }

  private async read(): Promise<void> {
    const began = this.options.clock.now();
    const head = await this.options.store.head();
    if (head !== this.checkpoint) await this.readTo(head);
    this.readAt = began;
  }

  /** A log that grows faster than it is read has no end: where it ended when this began is far enough. */
  private async readTo(head: Position): Promise<void> {
    const { store, signal } = this.options;
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const timer = setTimeout(end, READ_MS_MAX);
    signal.addEventListener('abort', end);
    try {
      const messages = store.subscribe({
        after: this.checkpoint,
        categories: CATALOGUE_CATEGORIES,
        signal: ending.signal,
      });
      for await (const message of messages) {
        if (message.kind === 'batch') this.take(message.events);
        this.checkpoint = message.checkpoint;
        if (this.checkpoint >= head) return;
      }
      throw new CatchingUpFault(
        `The log was read to ${this.checkpoint} of ${head} only: send the same again.`,
      );
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
    }
  }

  private take(events: readonly RecordedEvent[]): void {
    let { catalogue } = this;
    // The filter lets nothing else pass.
    for (const recorded of events) catalogue = catalogue.with(decodeEvent(recorded) as CatalogueEvent);
    this.catalogue = catalogue;
  }
}

const isPassing = (fault: Error): boolean =>
  fault instanceof StoreUnavailableError || fault instanceof CatchingUpFault;
