import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore, Position, RecordedEvent } from '#libs/event-store/port.js';

type ReadSide = Pick<EventStore, 'logId' | 'head' | 'readAll' | 'subscribe'>;

const TICK_MS = 4;

/**
 * A finished log that appears bit by bit, `eventsPerSecond` of it from `start` on, all at once when that is Infinity:
 * readers can be measured without anything that writes. Positions are 1, 2, 3, … as the events are.
 */
export class PacedStore implements EventStore {
  #startedAt = Infinity;

  constructor(
    readonly logId: string,
    private readonly events: readonly RecordedEvent[],
    private readonly eventsPerSecond: number,
  ) {}

  start(): void {
    this.#startedAt = performance.now();
  }

  async head(): Promise<Position> {
    return BigInt(this.#count());
  }

  async *readAll({ after = 0n, maxCount = Infinity } = {}): ReturnType<ReadSide['readAll']> {
    const batch = this.events.slice(Number(after), Math.min(Number(after) + maxCount, this.#count()));
    if (batch.length > 0) yield batch;
  }

  async *subscribe({
    after,
    signal,
    batchSizeMax = 1_000,
  }: Parameters<ReadSide['subscribe']>[0]): ReturnType<ReadSide['subscribe']> {
    let at = Number(after);
    while (!signal.aborted) {
      const events = this.events.slice(at, Math.min(at + batchSizeMax, this.#count()));
      if (events.length === 0) {
        yield { kind: 'caught-up', checkpoint: BigInt(at) };
        await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
        continue;
      }
      at += events.length;
      yield { kind: 'batch', events, checkpoint: BigInt(at) };
    }
  }

  async now(): Promise<number> {
    return Date.now();
  }

  async close(): Promise<void> {}

  append(): Promise<never> {
    return Promise.reject(new Error('A finished log takes no appends.'));
  }

  readStream(): never {
    throw new Error('A finished log is read as a whole.');
  }

  #count(): number {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    return seconds < 0 ? 0 : Math.min(this.events.length, Math.floor(seconds * this.eventsPerSecond) || 0);
  }
}
