import {
  AppendOutcomeUnknownError,
  StoreUnavailableError,
  WrongExpectedRevisionError,
} from '#libs/event-store/errors.js';
import type { AppendResult, Position, RecordedEvent } from '#libs/event-store/port.js';
import { BatchInDoubtError, BatchRefusedError, type AppendLane, type BatchReply } from './append-lane.js';
import { AppendQueue, isBulk, type BatchLimits, type PendingAppend } from './append-queue.js';

/**
 * While single appends come at least this often, a bulk has one batch in flight at a time: a single append then waits
 * for one batch ahead of it, not for all lanes.
 */
const SINGLES_RECENT_MS = 250;
/** and its batches are short. */
const BULK_EVENTS_BESIDE_SINGLES = 32;

export interface GroupCommitOptions {
  readonly lanes: readonly AppendLane[];
  readonly limits: BatchLimits;
  /** Told the head that a batch has written, before its callers are. */
  readonly written: (head: Position) => void;
  /** Takes what a batch has written behind `after`, all of it in order; asked for only while `isKeeping`. */
  readonly keep: (after: Position, events: readonly RecordedEvent[]) => void;
  readonly isKeeping: () => boolean;
  /** Told when a batch is in doubt: it may appear in the log without `written`. */
  readonly inDoubt: () => void;
}

/**
 * Appends that come while others are being committed share the next batch: one statement, one lock, one fsync. As many
 * batches are in flight as there are lanes, so one is on its way and being checked while another is synced.
 */
export class GroupCommit {
  readonly #queue = new AppendQueue();
  readonly #idle: AppendLane[];
  #scheduled = false;
  #bulksInFlight = 0;
  #lastSingleAt = -Infinity;
  #closing = false;
  #allSettled: (() => void) | undefined;

  constructor(private readonly options: GroupCommitOptions) {
    this.#idle = [...options.lanes];
  }

  append(append: PendingAppend): void {
    if (this.#closing) {
      append.reject(new StoreUnavailableError('The event store is closed.'));
      return;
    }
    if (!isBulk(append)) this.#lastSingleAt = performance.now();
    this.#queue.add(append);
    this.#schedule();
  }

  /** Waits until every append given so far is settled, then closes the lanes. */
  async close(): Promise<void> {
    this.#closing = true;
    if (!this.#isSettled) await new Promise<void>((resolve) => (this.#allSettled = resolve));
    await Promise.all(this.options.lanes.map((lane) => lane.close()));
  }

  get #isSettled(): boolean {
    return this.#queue.isEmpty && this.#idle.length === this.options.lanes.length;
  }

  /** At the end of the tick: all that this tick appends goes together. */
  #schedule(): void {
    if (this.#scheduled || this.#idle.length === 0 || this.#queue.isEmpty) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const lane = this.#idle.at(-1);
      const batch =
        lane &&
        this.#queue.take(this.options.limits, {
          withBulk: this.#mayTakeBulk,
          ...(this.#singlesAreRecent ? { bulkEventsMax: BULK_EVENTS_BESIDE_SINGLES } : {}),
        });
      // Nothing when only a bulk waits and its turn is not now: the batch in flight schedules the next one.
      if (!lane || !batch || batch.length === 0) return;
      this.#idle.pop();
      void this.#run(lane, batch);
      this.#schedule();
    });
  }

  get #mayTakeBulk(): boolean {
    return this.#bulksInFlight === 0 || !this.#singlesAreRecent;
  }

  get #singlesAreRecent(): boolean {
    return performance.now() - this.#lastSingleAt <= SINGLES_RECENT_MS;
  }

  async #run(lane: AppendLane, batch: readonly PendingAppend[]): Promise<void> {
    const bulk = batch.some(isBulk) ? 1 : 0;
    this.#bulksInFlight += bulk;
    try {
      await this.#write(lane, batch);
    } finally {
      this.#bulksInFlight -= bulk;
      for (const { stream } of batch) this.#queue.release(stream);
      this.#idle.push(lane);
      this.#schedule();
      if (this.#isSettled) this.#allSettled?.();
    }
  }

  async #write(lane: AppendLane, batch: readonly PendingAppend[]): Promise<void> {
    let reply: BatchReply;
    try {
      reply = await lane.write(batch);
    } catch (cause) {
      if (cause instanceof BatchRefusedError && batch.length > 1) {
        // Only the append that is to blame may fail: each once more, alone.
        for (const append of batch) await this.#write(lane, [append]);
        return;
      }
      if (cause instanceof BatchInDoubtError) this.options.inDoubt();
      for (const append of batch) append.reject(refusalOf(append, cause));
      return;
    }
    this.#settle(batch, reply);
  }

  #settle(batch: readonly PendingAppend[], { headBefore, recordedAt, firsts }: BatchReply): void {
    const kept: RecordedEvent[] | undefined = this.options.isKeeping() ? [] : undefined;
    let next = headBefore + 1n;
    const outcomes = batch.map((append, i): AppendResult | WrongExpectedRevisionError => {
      const first = firsts ? firsts[i]! : next;
      if (first < 0n) return conflictOf(append, -Number(first) - 2);
      const positions = append.events.map((_, index) => first + BigInt(index));
      if (first > headBefore) {
        if (kept) keepAll(kept, append, positions, recordedAt);
        next += BigInt(append.events.length);
      }
      return { revision: append.base + append.events.length, positions };
    });
    if (kept && kept.length > 0) this.options.keep(headBefore, kept);
    this.options.written(next - 1n);
    outcomes.forEach((outcome, i) => {
      if (outcome instanceof Error) batch[i]!.reject(outcome);
      else batch[i]!.resolve(outcome);
    });
  }
}

function keepAll(
  kept: RecordedEvent[],
  { stream, base, events }: PendingAppend,
  positions: readonly Position[],
  recordedAt: number,
): void {
  events.forEach(({ id, type, data, metadata }, index) => {
    const place = { revision: base + 1 + index, position: positions[index]!, recordedAt };
    kept.push({ stream, ...place, id, type, data, metadata });
  });
}

function conflictOf({ stream, base }: PendingAppend, actual: number): WrongExpectedRevisionError {
  const named = (revision: number) => (revision < 0 ? 'no_stream' : revision);
  return new WrongExpectedRevisionError(stream, named(base), named(actual));
}

function refusalOf(append: PendingAppend, cause: unknown): Error {
  if (cause instanceof BatchInDoubtError) return new AppendOutcomeUnknownError(append.stream, { cause });
  return cause instanceof Error ? cause : new Error(String(cause));
}
