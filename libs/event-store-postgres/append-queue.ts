import type { AppendResult, NewEvent } from '#libs/event-store/port.js';

/** An append that waits for its batch. */
export interface PendingAppend {
  readonly stream: string;
  readonly events: readonly NewEvent[];
  /** Revision expected, -1 for a stream without events. */
  readonly base: number;
  /** UTF-16 units of all texts: what bounds a batch's memory. */
  readonly units: number;
  /** Lets others go first. */
  readonly bulk: boolean;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: Error) => void;
}

export interface BatchLimits {
  /** A batch is full at this many events; one append alone may hold more. */
  readonly events: number;
  /** Likewise in UTF-16 units of text. */
  readonly units: number;
}

/** A longer append counts as bulk, whatever it says. */
export const SINGLE_APPEND_EVENTS_MAX = 8;

export function isBulk(append: PendingAppend): boolean {
  return append.bulk || append.events.length > SINGLE_APPEND_EVENTS_MAX;
}

interface StreamTurn {
  readonly stream: string;
  readonly waiting: PendingAppend[];
  /** An append of the stream is in flight: the next one may depend on it. */
  busy: boolean;
}

/**
 * Who goes into the next batch. Appends of one stream go one at a time, in the order given; streams take turns.
 * Single appends board before those of a bulk, up to half of the batch while a bulk waits, so neither holds up the
 * other.
 */
export class AppendQueue {
  readonly #streams = new Map<string, StreamTurn>();
  readonly #single = new Fifo<StreamTurn>();
  readonly #bulk = new Fifo<StreamTurn>();

  get isEmpty(): boolean {
    return this.#single.length === 0 && this.#bulk.length === 0;
  }

  add(append: PendingAppend): void {
    const turn = this.#streams.get(append.stream);
    if (turn) {
      turn.waiting.push(append);
      return;
    }
    const first: StreamTurn = { stream: append.stream, waiting: [append], busy: false };
    this.#streams.set(append.stream, first);
    this.#lineUp(first);
  }

  /** The next batch, of single appends only unless `withBulk`; its streams stay busy until `release`. */
  take(
    limits: BatchLimits,
    {
      withBulk,
      bulkEventsMax = limits.events,
    }: { readonly withBulk: boolean; readonly bulkEventsMax?: number },
  ): PendingAppend[] {
    const batch: PendingAppend[] = [];
    const load = { events: 0, units: 0 };
    const share = withBulk && this.#bulk.length > 0 ? 2 : 1;
    board(this.#single, batch, load, { events: limits.events / share, units: limits.units / share });
    if (!withBulk) return batch;
    const eventsBefore = load.events;
    board(this.#bulk, batch, load, {
      events: Math.min(limits.events, eventsBefore + bulkEventsMax),
      units: limits.units,
    });
    // A bulk append may be longer than what is left: without this it would wait for ever.
    if (this.#bulk.length > 0 && load.events === eventsBefore) boardOne(this.#bulk, batch, load);
    return batch;
  }

  /** The stream's append in flight is settled: its next one may go. */
  release(stream: string): void {
    const turn = this.#streams.get(stream);
    if (!turn) return;
    turn.busy = false;
    if (turn.waiting.length === 0) this.#streams.delete(stream);
    else this.#lineUp(turn);
  }

  #lineUp(turn: StreamTurn): void {
    (isBulk(turn.waiting[0]!) ? this.#bulk : this.#single).push(turn);
  }
}

interface Load {
  events: number;
  units: number;
}

function board(line: Fifo<StreamTurn>, batch: PendingAppend[], load: Load, limits: BatchLimits): void {
  for (;;) {
    const next = line.first?.waiting[0];
    if (!next) return;
    const fits = load.events + next.events.length <= limits.events && load.units + next.units <= limits.units;
    if (!fits && batch.length > 0) return;
    boardOne(line, batch, load);
  }
}

function boardOne(line: Fifo<StreamTurn>, batch: PendingAppend[], load: Load): void {
  const turn = line.shift();
  const append = turn.waiting.shift()!;
  turn.busy = true;
  batch.push(append);
  load.events += append.events.length;
  load.units += append.units;
}

/** First in, first out, without moving the rest on every removal. */
class Fifo<T> {
  #items: T[] = [];
  #start = 0;

  get length(): number {
    return this.#items.length - this.#start;
  }

  get first(): T | undefined {
    return this.#items[this.#start];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T {
    const item = this.#items[this.#start++]!;
    if (this.#start > 1_024 && this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
    return item;
  }
}
