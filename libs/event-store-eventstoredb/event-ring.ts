import type { Position, RecordedEvent } from '#libs/event-store/port.js';

export interface RingLimits {
  readonly events: number;
  /** UTF-16 units of data and metadata. */
  readonly units: number;
}

/** Room that evicted events leave in front is given back when it is as large as this. */
const SLACK_EVENTS = 4_096;

/** The youngest events of the log without a gap: all there are behind `after`, up to the last. */
export class EventRing {
  #events: RecordedEvent[] = [];
  /** Events before this index were evicted. */
  #first = 0;
  #units = 0;
  #after: Position | undefined;
  #last: Position | undefined;

  constructor(private readonly limits: RingLimits) {}

  /** Position of the last event, or where the ring was started; `undefined` before. */
  get last(): Position | undefined {
    return this.#last;
  }

  get newest(): RecordedEvent | undefined {
    return this.#events.at(-1);
  }

  /** Empties the ring; what is pushed from now on is all there is behind `after`. */
  start(after: Position): void {
    this.#events = [];
    this.#first = 0;
    this.#units = 0;
    this.#after = after;
    this.#last = after;
  }

  push(event: RecordedEvent): void {
    this.#events.push(event);
    this.#last = event.position;
    this.#units += unitsOf(event);
    const { events, units } = this.limits;
    while (this.#events.length - this.#first > events || this.#units > units) this.#evict();
    if (this.#first < SLACK_EVENTS) return;
    this.#events = this.#events.slice(this.#first);
    this.#first = 0;
  }

  /** Whether everything behind `position` is, or will be, here. */
  covers(position: Position): boolean {
    return this.#after !== undefined && position >= this.#after;
  }

  /** Events behind `after`, at most `countMax`; `undefined` when there are none here, or not all of them. */
  read(after: Position, countMax: number): readonly RecordedEvent[] | undefined {
    if (!this.covers(after) || this.#last === undefined || after >= this.#last) return undefined;
    let low = this.#first;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#events[middle]!.position <= after) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low, low + countMax);
  }

  #evict(): void {
    const oldest = this.#events[this.#first]!;
    this.#first++;
    this.#units -= unitsOf(oldest);
    this.#after = oldest.position;
  }
}

function unitsOf({ data, metadata }: RecordedEvent): number {
  return data.length + metadata.length;
}
