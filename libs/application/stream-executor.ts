import { setTimeout as sleep } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import {
  AppendOutcomeUnknownError,
  StoreUnavailableError,
  WrongExpectedRevisionError,
} from '#libs/event-store/errors.js';
import {
  APPEND_EVENTS_MAX,
  type AppendResult,
  type EventStore,
  type NewEvent,
} from '#libs/event-store/port.js';
import type { Clock } from '#libs/kernel/clock.js';
import { type Deferred, withResolvers } from '#libs/kernel/with-resolvers.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import {
  decideBatch,
  type DecidedBatch,
  outcomeOf,
  type Request,
  type RequestMode,
  writeEvents,
} from './decide-batch.js';
import type { Envelope } from './envelope.js';
import { BULK_COMMANDS_PER_TURN, BulkTurns } from './bulk-turns.js';
import { commandIdOf } from './command-id.js';
import { asFault } from './faults.js';
import { expectedOf, foldTail, type FoldedStream, type KeyEntry, unfolded } from './folded-stream.js';
import { CommandTooLargeFault, type Outcome, OutcomeUnknownFault, OverloadedFault } from './outcome.js';
import { readReplays } from './replays.js';
import type { StreamDefinition } from './stream-definition.js';

export interface StreamExecutorOptions<S, C, E extends LedgerEvent> {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly definition: StreamDefinition<S, C, E>;
  /** Commands waiting in all queues together; more are refused as overloaded. */
  readonly waitingMax?: number;
  /** Idempotency keys kept in memory by all streams together; the least recently used idle stream goes first. */
  readonly cacheWeightMax?: number;
  /** How long a caller waits for an append whose outcome is unknown or whose store is gone, ms. */
  readonly answerAfterMs?: number;
}

const WAITING_MAX = 100_000;
/** A key with its business id costs about so many bytes; all executors together may take a part of the heap. */
const BYTES_PER_KEY = 500;
const CACHE_SHARE_OF_HEAP = 0.2;
const CACHE_WEIGHT_MAX = Math.floor(
  (getHeapStatistics().heap_size_limit * CACHE_SHARE_OF_HEAP) / BYTES_PER_KEY,
);
const FOLDED_WEIGHT = 10;
const ANSWER_AFTER_MS = 5_000;
const RETRY_DELAY_MS_MIN = 20;
const RETRY_DELAY_MS_MAX = 1_000;

type Waiting<C, E extends LedgerEvent> = Request<C> & Omit<Deferred<Outcome<E>>, 'promise'>;

interface StreamQueue<S, C, E extends LedgerEvent> {
  readonly stream: string;
  waiting: Waiting<C, E>[];
  /** Set once folded; the newest state this process knows. */
  folded?: FoldedStream<S>;
  running: boolean;
  /** Commands at the front whose append is under way. */
  appending: number;
  /** An append of this stream has no known outcome for too long: nothing new is taken until it has. */
  stuck: boolean;
}

/**
 * The only way to append. One queue a stream: commands are decided one after another on the newest state, all that
 * wait are appended together, and decided again when another process moved the stream. An answer that appends nothing
 * (a refusal, a replay) is given only after the stream's tail was read.
 */
export class StreamExecutor<S, C, E extends LedgerEvent> {
  private readonly queues = new Map<string, StreamQueue<S, C, E>>();
  private readonly bulkTurns = new BulkTurns();
  private waitingCount = 0;
  private cacheWeight = 0;
  private closed = false;
  /** Everybody was answered: appends without an outcome are not repeated any more. */
  private abandoned = false;

  constructor(private readonly options: StreamExecutorOptions<S, C, E>) {}

  /**
   * Executes a command; a business refusal is a value.
   * @throws OutcomeUnknownFault (same key safe to send again), OverloadedFault (nothing written), CommandTooLargeFault
   */
  execute(
    stream: string,
    envelope: Envelope,
    command: C,
    mode: Exclude<RequestMode, 'preview'> = 'single',
  ): Promise<Outcome<E>> {
    return this.enqueue(stream, envelope, command, mode);
  }

  /** What would be answered, without writing: a refusal, a replay, or done without events: it would be accepted. */
  preview(stream: string, envelope: Envelope, command: C): Promise<Outcome<E>> {
    return this.enqueue(stream, envelope, command, 'preview');
  }

  /** Commands waiting or being appended now. */
  get depth(): number {
    return this.waitingCount;
  }

  /**
   * Waits for what is queued, up to `graceMs`; then what is being appended is answered as unknown and what was not
   * tried as overloaded. Nothing new is taken.
   */
  async close(graceMs = ANSWER_AFTER_MS): Promise<void> {
    this.closed = true;
    const until = performance.now() + graceMs;
    while (this.waitingCount > 0 && performance.now() < until) await sleep(5);
    this.abandoned = true;
    for (const queue of this.queues.values()) this.leaveInDoubt(queue, queue.appending);
  }

  private enqueue(stream: string, envelope: Envelope, command: C, mode: RequestMode): Promise<Outcome<E>> {
    if (this.closed)
      return Promise.reject(new OverloadedFault('The ledger is stopping: send the command again.'));
    if (this.waitingCount >= (this.options.waitingMax ?? WAITING_MAX)) {
      return Promise.reject(
        new OverloadedFault('Too many commands are waiting: send the command again later.'),
      );
    }
    let queue = this.queues.get(stream);
    if (queue === undefined) {
      queue = { stream, waiting: [], running: false, appending: 0, stuck: false };
      this.queues.set(stream, queue);
    }
    if (queue.stuck)
      return Promise.reject(new OverloadedFault(`Stream ${stream} waits for the store: try again later.`));
    const { promise, resolve, reject } = withResolvers<Outcome<E>>();
    const context = { now: this.options.clock.now(), commandId: commandIdOf(stream, envelope) };
    queue.waiting.push({ envelope, command, context, mode, resolve, reject });
    this.waitingCount += 1;
    if (mode === 'single') this.bulkTurns.sawSingle();
    if (!queue.running) void this.run(queue);
    return promise;
  }

  private async run(queue: StreamQueue<S, C, E>): Promise<void> {
    queue.running = true;
    const weightBefore = weightOf(queue);
    try {
      // Let everything that arrived in this turn of the event loop join the first batch.
      await Promise.resolve();
      while (queue.waiting.length > 0) {
        if (isBulk(queue)) await this.bulkTurns.next(Math.min(queue.waiting.length, BULK_COMMANDS_PER_TURN));
        await this.flush(queue);
      }
    } catch (error) {
      delete queue.folded;
      this.answer(queue, queue.waiting.length, ({ reject }) => reject(asFault(error, queue.stream)));
    } finally {
      queue.running = false;
      queue.stuck = false;
      this.cacheWeight += weightOf(queue) - weightBefore;
      this.keepRecent(queue);
    }
  }

  /** Answers as many commands from the front of the queue as one append can hold. */
  private async flush(queue: StreamQueue<S, C, E>): Promise<void> {
    const { definition } = this.options;
    // Who comes while the stream is being read waits for the next read: this one may not show what they know of.
    const asked = [...commandsOf(queue)];
    const cached = queue.folded;
    let folded = cached ?? (await this.fold(queue.stream, unfolded(definition.initial)));
    let batch = decideBatch(definition, folded, asked);
    if (batch.events.length === 0 && cached !== undefined) {
      // Nothing to append would prove that our state is the newest: another process may have moved the stream.
      const tail = await this.fold(queue.stream, folded);
      if (tail !== folded) {
        folded = tail;
        batch = decideBatch(definition, folded, asked);
      }
    }
    // Closing may have answered them all while the stream was read.
    if (queue.waiting.length === 0) return;
    if (batch.verdicts.length === 0) {
      queue.folded = await this.makeRoom(queue, folded);
      return;
    }
    if (batch.events.length === 0) {
      queue.folded = folded;
      await this.settle(queue, batch, []);
      return;
    }
    try {
      const { positions } = await this.append(queue, batch.verdicts.length, batch.events, folded);
      queue.folded = batch.after;
      await this.settle(queue, batch, positions);
    } catch (error) {
      if (!(error instanceof WrongExpectedRevisionError)) throw error;
      queue.folded = await this.fold(queue.stream, folded);
    }
  }

  private fold(stream: string, from: FoldedStream<S>): Promise<FoldedStream<S>> {
    return foldTail(this.options.store, stream, this.options.definition, from);
  }

  /**
   * The first command does not fit one append by itself. What time has made due goes in an append of its own; when
   * there is nothing due, the command can never fit.
   */
  private async makeRoom(queue: StreamQueue<S, C, E>, folded: FoldedStream<S>): Promise<FoldedStream<S>> {
    const { definition } = this.options;
    const first = queue.waiting[0]!;
    const due = definition.due?.(folded.state, first.context).slice(0, APPEND_EVENTS_MAX / 2) ?? [];
    if (due.length === 0) {
      this.answer(queue, 1, ({ reject }) =>
        reject(
          new CommandTooLargeFault(
            `The command needs more events than one append to ${queue.stream} can hold.`,
          ),
        ),
      );
      return folded;
    }
    const envelope = { principal: 'system:advance', key: `advance:${folded.revision + 1}`, bodyHash: '' };
    const advanced = writeEvents(definition, folded, envelope, due);
    try {
      await this.append(queue, 1, advanced.written, folded);
      return advanced.after;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevisionError)) throw error;
      return this.fold(queue.stream, folded);
    }
  }

  /**
   * Appends until the outcome is known: repeated with the same ids and the same expectation it ends by confirmation or
   * by a conflict that proves the first try dead. Callers are not kept waiting for it.
   */
  private async append(
    queue: StreamQueue<S, C, E>,
    commands: number,
    events: readonly NewEvent[],
    folded: FoldedStream<S>,
  ): Promise<AppendResult> {
    const giveUpAt = performance.now() + (this.options.answerAfterMs ?? ANSWER_AFTER_MS);
    let inDoubt = false;
    queue.appending = commands;
    const options = {
      expected: expectedOf(folded),
      bulk: queue.waiting.slice(0, commands).every(({ mode }) => mode === 'bulk'),
    };
    try {
      for (let delayMs = RETRY_DELAY_MS_MIN; ; delayMs = Math.min(delayMs * 2, RETRY_DELAY_MS_MAX)) {
        try {
          return await this.options.store.append(queue.stream, events, options);
        } catch (error) {
          const unknown = error instanceof AppendOutcomeUnknownError;
          if (!unknown && !(error instanceof StoreUnavailableError)) throw error;
          inDoubt ||= unknown;
          const late = performance.now() > giveUpAt;
          if (this.abandoned || (!inDoubt && (late || this.closed))) throw error;
          if (late) this.leaveInDoubt(queue, commands);
        }
        await sleep(delayMs);
      }
    } finally {
      queue.appending = 0;
    }
  }

  /** Answers everyone who waits on the stream; the append itself goes on until its outcome is known. */
  private leaveInDoubt(queue: StreamQueue<S, C, E>, commands: number): void {
    if (queue.stuck) return;
    queue.stuck = true;
    // These stay queued: they are settled, or decided again, once the outcome is known.
    for (const { reject } of queue.waiting.slice(0, commands)) {
      reject(
        new OutcomeUnknownFault(
          'It is not known yet whether the command took effect: send it again under the same key.',
        ),
      );
    }
    const untried = queue.waiting.splice(commands);
    this.waitingCount -= untried.length;
    for (const { reject } of untried)
      reject(new OverloadedFault(`Stream ${queue.stream} waits for the store: try again later.`));
  }

  /** Answers the commands of a decided batch and takes them off the queue. */
  private async settle(
    queue: StreamQueue<S, C, E>,
    batch: DecidedBatch<S, E>,
    positions: readonly bigint[],
  ): Promise<void> {
    const repeats: { readonly entry: KeyEntry; readonly waiting: Waiting<C, E> }[] = [];
    let index = 0;
    this.answer(queue, batch.verdicts.length, (waiting) => {
      const verdict = batch.verdicts[index++]!;
      if (verdict.kind === 'replay') repeats.push({ entry: verdict.entry, waiting });
      else waiting.resolve(outcomeOf(verdict, positions));
    });
    if (repeats.length > 0) await this.replay(queue.stream, repeats);
  }

  private async replay(
    stream: string,
    repeats: readonly { readonly entry: KeyEntry; readonly waiting: Waiting<C, E> }[],
  ): Promise<void> {
    try {
      const entries = repeats.map(({ entry }) => entry);
      const results = await readReplays<E>(this.options.store, stream, entries);
      repeats.forEach(({ waiting }, i) => waiting.resolve(results[i]!));
    } catch (error) {
      for (const { waiting } of repeats) waiting.reject(asFault(error, stream));
    }
  }

  private answer(queue: StreamQueue<S, C, E>, count: number, give: (waiting: Waiting<C, E>) => void): void {
    const settled = queue.waiting.slice(0, count);
    queue.waiting = queue.waiting.slice(count);
    this.waitingCount -= settled.length;
    for (const waiting of settled) give(waiting);
  }

  /** The least recently used idle streams are forgotten first. */
  private keepRecent(queue: StreamQueue<S, C, E>): void {
    this.queues.delete(queue.stream);
    if (queue.folded !== undefined || queue.waiting.length > 0) this.queues.set(queue.stream, queue);
    const weightMax = this.options.cacheWeightMax ?? CACHE_WEIGHT_MAX;
    for (const [stream, oldest] of this.queues) {
      if (this.cacheWeight <= weightMax) return;
      if (oldest.running || oldest.waiting.length > 0) continue;
      this.queues.delete(stream);
      this.cacheWeight -= weightOf(oldest);
    }
  }
}

/** Nobody but bulks waits on the stream. */
const isBulk = ({ waiting }: { readonly waiting: readonly Request<unknown>[] }): boolean =>
  waiting.every(({ mode }) => mode === 'bulk');

/** What the next append may answer: all that waits, but of a bulk only what fits a turn. */
const commandsOf = <W extends Request<unknown>>(queue: { readonly waiting: readonly W[] }): readonly W[] =>
  isBulk(queue) ? queue.waiting.slice(0, BULK_COMMANDS_PER_TURN) : queue.waiting;

/** What a folded stream costs in memory, counted in keys. */
const weightOf = ({ folded }: { readonly folded?: FoldedStream<unknown> }): number =>
  folded === undefined ? 0 : FOLDED_WEIGHT + folded.keys.size;
