import { randomUUID } from 'node:crypto';
import type { LogClient } from './log-client.js';
import type { LogNames } from './log-names.js';
import type { LogReader } from './log-reader.js';
import { appendMessages } from './wire.js';

/** A measure serves for so long: two clocks part by a few milliseconds in that time. */
export const MEASURE_AGE_MS_MAX = 60_000;
/** Measured again when the answer took longer: the shorter the way, the sharper the measure. */
const ROUND_TRIP_MS_GOOD = 3;
const MEASURES_MAX = 3;
/** Another process may measure between our append and our read; only the last event is kept. */
const READ_BACK_EVENTS = 32;

interface Measure {
  readonly at: number;
  /** The store's clock is ahead of this process's by at least so much. */
  readonly aheadMs: number;
}

export interface StoreClockParts {
  readonly client: Pick<LogClient, 'append'>;
  readonly reader: Pick<LogReader, 'readServerStream'>;
  readonly names: LogNames;
  readonly timeoutMs: number;
  /** This process's clock, milliseconds since the epoch; must never jump. Default: the time of start plus a monotonic clock. */
  readonly local?: () => number;
}

/**
 * The clock of the store, which its protocol cannot be asked for: how far it is ahead follows from when an event was
 * sent, recorded and confirmed. Of all that the measures allow the earliest is taken, so the clock is never ahead of
 * the store's, and never behind an event that this process has seen.
 */
export class StoreClock {
  #measures: Measure[] = [];
  #seenMs = 0;
  #prepared = false;
  readonly #local: () => number;

  constructor(private readonly parts: StoreClockParts) {
    this.#local = parts.local ?? (() => performance.timeOrigin + performance.now());
  }

  /** This process's clock, for `sawOwn`. */
  local(): number {
    return this.#local();
  }

  /** An event was recorded then: the store's clock is past it. */
  saw(recordedAt: number): void {
    if (recordedAt > this.#seenMs) this.#seenMs = recordedAt;
  }

  /** An append of this process was recorded at one time of the store and confirmed at one of this process. */
  sawOwn({ recordedAt, confirmedAt }: { readonly recordedAt: number; readonly confirmedAt: number }): void {
    this.saw(recordedAt);
    this.#measures.push({ at: confirmedAt, aheadMs: recordedAt - confirmedAt });
    if (this.#measures.length > MEASURES_KEPT_MAX) this.#measures.shift();
  }

  async now(): Promise<number> {
    if (!this.#isFresh()) await this.#measure();
    const local = this.#local();
    const ahead = Math.max(...this.#measures.map((measure) => measure.aheadMs));
    return Math.max(local + ahead, this.#seenMs);
  }

  #isFresh(): boolean {
    const oldest = this.#local() - MEASURE_AGE_MS_MAX;
    this.#measures = this.#measures.filter((measure) => measure.at >= oldest);
    return this.#measures.length > 0;
  }

  async #measure(): Promise<void> {
    if (!this.#prepared) await this.#keepOneEvent();
    for (let measured = 0; measured < MEASURES_MAX;) {
      const roundTripMs = await this.#measureOnce();
      if (roundTripMs === undefined) continue;
      measured++;
      if (roundTripMs <= ROUND_TRIP_MS_GOOD) return;
    }
  }

  async #measureOnce(): Promise<number | undefined> {
    const { client, reader, names, timeoutMs } = this.parts;
    const event = { id: randomUUID(), type: 'ClockRead.v1', data: '{}', metadata: '{}' };
    const sentAt = this.#local();
    await client.append(appendMessages(names.clock, [event], 'any'), timeoutMs);
    const confirmedAt = this.#local();
    const last = await reader.readServerStream({
      stream: names.clock,
      from: 'end',
      countMax: READ_BACK_EVENTS,
    });
    const own = last.find(({ id }) => id === event.id);
    if (!own) return undefined;
    this.sawOwn({ recordedAt: own.recordedAt, confirmedAt });
    return confirmedAt - sentAt;
  }

  async #keepOneEvent(): Promise<void> {
    const { client, names, timeoutMs } = this.parts;
    const rule = {
      id: randomUUID(),
      type: '$metadata',
      data: JSON.stringify({ $maxCount: 1 }),
      metadata: '{}',
    };
    // A conflict says that it was written before.
    await client.append(appendMessages(`$$${names.clock}`, [rule], 'no_stream'), timeoutMs);
    this.#prepared = true;
  }
}

/** The best of them counts; more would say no more. */
const MEASURES_KEPT_MAX = 64;
