import { getHeapStatistics } from 'node:v8';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { FoldedStream } from './folded-stream.js';
import { StreamQueue, type WaitingTotal } from './stream-queue.js';

/** A key or an id costs about so many bytes; all executors together may take a part of the heap. */
const BYTES_PER_ENTRY = 250;
const CACHE_SHARE_OF_HEAP = 0.2;
const CACHE_WEIGHT_MAX = Math.floor(
  (getHeapStatistics().heap_size_limit * CACHE_SHARE_OF_HEAP) / BYTES_PER_ENTRY,
);
const FOLDED_WEIGHT = 20;

/** The queues of all streams that are in use or were lately: the least recently used idle ones are forgotten first. */
export class StreamCache<S, C, E extends LedgerEvent> {
  readonly waiting: WaitingTotal = { commands: 0 };
  private readonly queues = new Map<string, StreamQueue<S, C, E>>();
  private weight = 0;

  constructor(private readonly weightMax = CACHE_WEIGHT_MAX) {}

  queueOf(stream: string): StreamQueue<S, C, E> {
    let queue = this.queues.get(stream);
    if (queue === undefined) {
      queue = new StreamQueue(stream, this.waiting);
      this.queues.set(stream, queue);
    }
    return queue;
  }

  all(): Iterable<StreamQueue<S, C, E>> {
    return this.queues.values();
  }

  /** The queue has just been used; it weighed `weightBefore` when that began. */
  used(queue: StreamQueue<S, C, E>, weightBefore: number): void {
    this.weight += weightOf(queue.folded) - weightBefore;
    this.queues.delete(queue.stream);
    if (queue.folded !== undefined || queue.length > 0) this.queues.set(queue.stream, queue);
    for (const [stream, oldest] of this.queues) {
      if (this.weight <= this.weightMax) return;
      if (oldest.running || oldest.length > 0) continue;
      this.queues.delete(stream);
      this.weight -= weightOf(oldest.folded);
    }
  }
}

/** What a folded stream costs in memory, counted in keys and ids. */
export const weightOf = (folded: FoldedStream<unknown> | undefined): number =>
  folded === undefined ? 0 : FOLDED_WEIGHT + folded.window.weight;
