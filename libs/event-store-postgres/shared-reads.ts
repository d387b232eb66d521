import type { LogHead } from '#libs/event-store/log-head.js';
import type { Position, RecordedEvent } from '#libs/event-store/port.js';
import type { LogReader } from './log-reader.js';
import type { LogTail } from './log-tail.js';

/** A subscriber this close to the head shares its reads; one further behind reads for itself, filtered. */
const NEAR_EVENTS = 10_000n;
const READ_EVENTS_MAX = 2_000;

/**
 * Several subscribers of one process near the head want the same events: one of them reads, unfiltered, into the
 * tail, and the others find them there.
 */
export class SharedReads {
  #subscribers = 0;
  readonly #running = new Map<Position, Promise<void>>();

  constructor(private readonly parts: { head: LogHead; tail: LogTail; reader: LogReader }) {}

  get hasSubscribers(): boolean {
    return this.#subscribers > 0;
  }

  join(): void {
    this.#subscribers++;
  }

  leave(): void {
    this.#subscribers--;
  }

  /** Events right behind `after`; `undefined` when the subscriber had better read for itself. */
  async read(after: Position, countMax: number): Promise<readonly RecordedEvent[] | undefined> {
    const { head, tail } = this.parts;
    if (this.#subscribers < 2 || head.known - after > NEAR_EVENTS) return undefined;
    let running = this.#running.get(after);
    if (!running) {
      running = this.#fill(after).finally(() => this.#running.delete(after));
      this.#running.set(after, running);
    }
    await running;
    return tail.read(after, countMax);
  }

  async #fill(after: Position): Promise<void> {
    const { head, tail, reader } = this.parts;
    const events = await reader.readLog({ after, upTo: head.known, countMax: READ_EVENTS_MAX });
    const last = events.at(-1);
    // The tail counts on a log without gaps; one that was mended by hand is read plainly.
    if (last && last.position - after === BigInt(events.length)) tail.add(after, events);
  }
}
