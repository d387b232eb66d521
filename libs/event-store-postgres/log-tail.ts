import type { Position, RecordedEvent } from '#libs/event-store/port.js';

interface Segment {
  /** The segment holds everything behind this position... */
  readonly after: Position;
  /** ...up to and including this one. */
  readonly to: Position;
  readonly events: readonly RecordedEvent[];
  readonly units: number;
}

export interface TailLimits {
  readonly events: number;
  /** UTF-16 units of data and metadata. */
  readonly units: number;
}

/**
 * The youngest events that this process appended itself, kept for its own subscribers: an embedded engine with ten
 * consumers would otherwise read every event ten times. Holds committed events only; where another process wrote in
 * between there is a gap, and the reader turns to the database.
 */
export class LogTail {
  readonly #segments: Segment[] = [];
  #events = 0;
  #units = 0;

  constructor(private readonly limits: TailLimits) {}

  /** `events` are all there is behind `after`, up to the last of them. Batches may be confirmed out of order. */
  add(after: Position, events: readonly RecordedEvent[]): void {
    let units = 0;
    for (const { data, metadata } of events) units += data.length + metadata.length;
    const segment = { after, to: after + BigInt(events.length), events, units };
    let place = this.#segments.length;
    while (place > 0 && this.#segments[place - 1]!.after > after) place--;
    this.#segments.splice(place, 0, segment);
    this.#events += events.length;
    this.#units += units;
    while (this.#events > this.limits.events || this.#units > this.limits.units) {
      const oldest = this.#segments.shift()!;
      this.#events -= oldest.events.length;
      this.#units -= oldest.units;
    }
  }

  /** Events right behind `after`, without a gap, at most `countMax`; `undefined` when they are not here. */
  read(after: Position, countMax: number): readonly RecordedEvent[] | undefined {
    let index = this.#lastAtOrBefore(after);
    const first = this.#segments[index];
    if (!first || after >= first.to) return undefined;
    const from = Number(after - first.after);
    const found = first.events.slice(from, from + countMax);
    let end = first.to;
    for (index++; found.length < countMax; index++) {
      const next = this.#segments[index];
      if (!next || next.after !== end) break;
      for (const event of next.events) {
        if (found.length === countMax) break;
        found.push(event);
      }
      end = next.to;
    }
    return found;
  }

  /** Whether `read` would find something right behind `after`. */
  has(after: Position): boolean {
    const segment = this.#segments[this.#lastAtOrBefore(after)];
    return segment !== undefined && after < segment.to;
  }

  clear(): void {
    this.#segments.length = 0;
    this.#events = 0;
    this.#units = 0;
  }

  #lastAtOrBefore(after: Position): number {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#segments[middle]!.after <= after) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
