import type { LogEvent } from './log-event.js';

/** As many as the server's own memory holds, by order of magnitude. */
const REMEMBERED_MAX = 100_000;

/** Where ids were written last: what makes a repeated append with `any` idempotent, for a while. */
export class RecentIds {
  readonly #events = new Map<string, LogEvent>();

  find(id: string): LogEvent | undefined {
    return this.#events.get(id);
  }

  add(event: LogEvent): void {
    this.#events.delete(event.id);
    this.#events.set(event.id, event);
    if (this.#events.size <= REMEMBERED_MAX) return;
    // A Map keeps the order of insertion: the first is the oldest.
    for (const oldest of this.#events.keys()) {
      this.#events.delete(oldest);
      return;
    }
  }
}
