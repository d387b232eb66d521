import { setTimeout as sleep } from 'node:timers/promises';
import { WrongExpectedRevisionError } from '#libs/event-store/errors.js';
import { type AppendResult, type EventStore, type NewEvent } from '#libs/event-store/port.js';
import type { Clock } from '#libs/kernel/clock.js';
import { withResolvers } from '#libs/kernel/with-resolvers.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import { appendUntilKnown } from './append-until-known.js';
import { BulkTurns } from './bulk-turns.js';
import { commandIdOf } from './command-id.js';
import { decideBatch, type DecidedBatch } from './decide-batch.js';
import type { Envelope } from './envelope.js';
import { asFault } from './faults.js';
import { expectedOf, type FoldedStream } from './folded-stream.js';
import { CommandTooLargeFault, type Outcome, OverloadedFault } from './outcome.js';
import { giveAnswers } from './give-answers.js';
import { KnownPast, Recall } from './recall.js';
import type { EnvelopedCommand, RequestItem, RequestMode } from './request.js';
import { weightOf, StreamCache } from './stream-cache.js';
import type { StreamDefinition } from './stream-definition.js';
import type { RequestOutcomes, StreamQueue, Waiting } from './stream-queue.js';
import { type LongStreams, StreamReader } from './stream-reader.js';
import { appended, writeEvents } from './write-events.js';
import { observed, type WriteObserver } from './write-observer.js';

/** What every command has. */
interface Named {
  readonly type: string;
}

export interface StreamExecutorOptions<S, C extends Named, E extends LedgerEvent> {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly definition: StreamDefinition<S, C, E>;
  readonly observer?: WriteObserver | undefined;
  /** Without it every stream is folded from its beginning. */
  readonly long?: LongStreams<S>;
  /** Commands waiting in all queues together; more are refused as overloaded. */
  readonly waitingMax?: number;
  /** Keys and ids kept in memory by all streams together; the least recently used idle stream goes first. */
  readonly cacheWeightMax?: number;
  /** How long a caller waits for an append whose outcome is unknown or whose store is gone, ms. */
  readonly answerAfterMs?: number;
}

const WAITING_MAX = 100_000;
const ANSWER_AFTER_MS = 5_000;

/**
 * The only way to append. One queue a stream: commands are decided one after another on the newest state, all that
 * wait are appended together, and decided again when another process moved the stream. An answer that appends nothing
 * (a refusal, a replay) is given only after the stream's tail was read.
 */
export class StreamExecutor<S, C extends Named, E extends LedgerEvent> {
  private readonly cache: StreamCache<S, C, E>;
  private readonly reader: StreamReader<S, C, E>;
  private readonly bulkTurns = new BulkTurns();
  /** Queues that are being worked on. */
  private running = 0;
  private closed = false;
  /** Everybody was answered: appends without an outcome are not repeated any more. */
  private abandoned = false;

  constructor(private readonly options: StreamExecutorOptions<S, C, E>) {
    this.cache = new StreamCache(options.cacheWeightMax);
    this.reader = new StreamReader(options);
  }

  /**
   * Executes a command; a business refusal is a value.
   * @throws OutcomeUnknownFault (same key safe to send again), OverloadedFault (nothing written), CommandTooLargeFault,
   * CatchingUpFault (nothing written)
   */
  execute(
    stream: string,
    envelope: Envelope,
    command: C,
    mode: Exclude<RequestMode, 'preview'> = 'single',
  ): Promise<Outcome<E>> {
    return this.executeOne(stream, { envelope, command }, mode);
  }

  /** What would be answered, without writing: a refusal, a replay, or done without events: it would be accepted. */
  preview(stream: string, envelope: Envelope, command: C): Promise<Outcome<E>> {
    return this.executeOne(stream, { envelope, command }, 'preview');
  }

  /**
   * Executes commands on one stream that take effect together, in one append, or not at all: when one is refused, it
   * answers so and the others are `not_applied`. What took effect before is answered as a replay either way.
   * @throws as `execute`, for the whole group; CommandTooLargeFault when one append cannot hold it
   */
  executeGroup(stream: string, commands: readonly EnvelopedCommand<C>[]): Promise<RequestOutcomes<E>> {
    if (commands.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => this.enqueue(stream, commands, 'bulk', { resolve, reject }));
  }

  /** Commands waiting or being appended now. */
  get depth(): number {
    return this.cache.waiting.commands;
  }

  /**
   * Waits for what is queued, up to `graceMs`; then what is being appended is answered as unknown and what was not
   * tried as overloaded. Nothing new is taken.
   */
  async close(graceMs = ANSWER_AFTER_MS): Promise<void> {
    this.closed = true;
    const until = performance.now() + graceMs;
    // A stream may still keep its snapshot when its last caller was answered.
    while ((this.depth > 0 || this.running > 0) && performance.now() < until) await sleep(5);
    this.abandoned = true;
    for (const queue of this.cache.all()) queue.leaveInDoubt();
    const left = sleep(Math.max(0, until - performance.now()), undefined, { ref: false });
    await Promise.race([this.options.long?.snapshots?.idle(), left]);
  }

  private executeOne(stream: string, command: EnvelopedCommand<C>, mode: RequestMode): Promise<Outcome<E>> {
    const { promise, resolve, reject } = withResolvers<Outcome<E>>();
    this.enqueue(stream, [command], mode, {
      // Alone, a command is never left out for another's sake.
      resolve: ([outcome]) => resolve(outcome as Outcome<E>),
      reject,
    });
    return promise;
  }

  private enqueue(
    stream: string,
    commands: readonly EnvelopedCommand<C>[],
    mode: RequestMode,
    asking: Pick<Waiting<C, E>, 'resolve' | 'reject'>,
  ): void {
    const observer = mode === 'preview' ? undefined : this.options.observer;
    const caller = observed(observer, commands, asking);
    if (this.closed)
      return caller.reject(new OverloadedFault('The ledger is stopping: send the command again.'));
    if (this.depth + commands.length > (this.options.waitingMax ?? WAITING_MAX)) {
      return caller.reject(
        new OverloadedFault('Too many commands are waiting: send the command again later.'),
      );
    }
    const queue = this.cache.queueOf(stream);
    if (queue.stuck)
      return caller.reject(new OverloadedFault(`Stream ${stream} waits for the store: try again later.`));
    const now = this.options.clock.now();
    const items = commands.map(({ envelope, command }): RequestItem<C> => ({
      envelope,
      command,
      now,
      commandId: commandIdOf(stream, envelope),
    }));
    queue.push({ items, mode, ...caller });
    if (mode === 'single') this.bulkTurns.sawSingle();
    if (!queue.running) void this.run(queue);
  }

  private async run(queue: StreamQueue<S, C, E>): Promise<void> {
    queue.running = true;
    this.running += 1;
    const weightBefore = weightOf(queue.folded);
    try {
      // Let everything that arrived in this turn of the event loop join the first batch.
      await Promise.resolve();
      while (queue.length > 0) {
        if (queue.isBulk) await this.bulkTurns.next(queue.nextCommands);
        await this.flush(queue);
      }
    } catch (error) {
      queue.folded = undefined;
      for (const { reject } of queue.take(queue.length)) reject(asFault(error, queue.stream));
    } finally {
      queue.running = false;
      this.running -= 1;
      queue.stuck = false;
      this.cache.used(queue, weightBefore);
    }
  }

  /** Answers as many requests from the front of the queue as one append can hold. */
  private async flush(queue: StreamQueue<S, C, E>): Promise<void> {
    const { stream } = queue;
    // Who comes while the stream is being read waits for the next read: this one may not show what they know of.
    const asked = queue.next;
    const recall = new Recall<E>();
    const cached = queue.folded;
    let decided = await this.decide(stream, cached ?? (await this.reader.fold(stream)), asked, recall);
    if (decided.batch.events.length === 0 && cached !== undefined) {
      // Nothing to append would prove that our state is the newest: another process may have moved the stream.
      const tail = await this.reader.tail(stream, decided.folded);
      if (tail !== decided.folded) decided = await this.decide(stream, tail, asked, recall);
    }
    const { folded, batch } = decided;
    // Closing may have answered them all while the stream was read.
    if (queue.length === 0) return;
    if (batch.verdicts.length === 0) {
      queue.folded = await this.makeRoom(queue, folded, asked[0]!.items[0]!, recall);
    } else if (batch.events.length === 0) {
      queue.folded = this.reader.moved(stream, folded);
      await this.answer(queue, batch, []);
    } else {
      const result = await this.append(queue, batch.verdicts.length, batch.events, folded);
      if (result === undefined) {
        queue.folded = await this.reader.tail(stream, folded);
        return;
      }
      const after = appended(batch.after, batch.events, result);
      queue.folded = after;
      await this.answer(queue, batch, result.positions);
      // Behind the answers: nobody waits for a snapshot.
      queue.folded = this.reader.moved(stream, after);
    }
  }

  /** Decides, and decides again with what it turned out to need of the stream's past. */
  private async decide(
    stream: string,
    start: FoldedStream<S>,
    asked: readonly Waiting<C, E>[],
    recall: Recall<E>,
  ): Promise<{ readonly folded: FoldedStream<S>; readonly batch: DecidedBatch<S, E> }> {
    let folded = await this.reader.recallNamed(stream, start, asked, recall);
    for (;;) {
      const batch = decideBatch(this.options.definition, folded, asked, recall);
      if (batch.missing === undefined) return { folded, batch };
      folded = await this.reader.recall(stream, folded, batch.missing, recall);
    }
  }

  /**
   * The first request does not fit one append by itself. What may go ahead of it goes in an append of its own; when
   * there is nothing, the request can never fit.
   */
  private async makeRoom(
    queue: StreamQueue<S, C, E>,
    folded: FoldedStream<S>,
    first: RequestItem<C>,
    recall: Recall<E>,
  ): Promise<FoldedStream<S>> {
    const { stream } = queue;
    let due: readonly E[];
    try {
      due = this.dueBefore(folded, first, recall);
      if (due.length === 0) {
        throw new CommandTooLargeFault(
          `The command needs more events than one append to ${stream} can hold.`,
        );
      }
    } catch (error) {
      for (const { reject } of queue.take(1)) reject(asFault(error, stream));
      return folded;
    }
    const envelope = { principal: 'system:advance', key: `advance:${folded.revision + 1}`, bodyHash: '' };
    const { written, after } = writeEvents(this.options.definition, folded, envelope, due);
    const result = await this.append(queue, 1, written, folded);
    return result === undefined
      ? this.reader.tail(stream, folded)
      : this.reader.moved(stream, appended(after, written, result));
  }

  /** Answers the requests of a decided batch and takes them off the queue. */
  private async answer(
    queue: StreamQueue<S, C, E>,
    { verdicts }: DecidedBatch<S, E>,
    positions: readonly bigint[],
  ): Promise<void> {
    const { store } = this.options;
    await giveAnswers({ store, stream: queue.stream }, queue.take(verdicts.length), verdicts, positions);
  }

  private dueBefore(
    folded: FoldedStream<S>,
    { command, now, commandId }: RequestItem<C>,
    recall: Recall<E>,
  ): readonly E[] {
    // The command was decided before on the same recall: nothing it may ask of the past is missing.
    const past = new KnownPast(recall, folded, [], folded);
    return this.options.definition.due?.(folded.state, command, { now, commandId, past }) ?? [];
  }

  /** Undefined when another process moved the stream: nothing was written. */
  private async append(
    queue: StreamQueue<S, C, E>,
    requests: number,
    events: readonly NewEvent[],
    folded: FoldedStream<S>,
  ): Promise<AppendResult | undefined> {
    const { store, observer, answerAfterMs = ANSWER_AFTER_MS } = this.options;
    const began = performance.now();
    queue.appending = requests;
    const options = {
      expected: expectedOf(folded),
      bulk: queue.startsWithBulk(requests),
    };
    try {
      const result = await appendUntilKnown(
        store,
        { stream: queue.stream, events, options },
        {
          answerAfterMs,
          onDoubt: () => observer?.doubted(),
          onLate: () => queue.leaveInDoubt(),
          stopping: () => (this.abandoned ? 'abandoned' : this.closed ? 'closing' : 'no'),
        },
      );
      observer?.appended(events.length, performance.now() - began);
      return result;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevisionError)) throw error;
      observer?.conflicted();
      return undefined;
    } finally {
      queue.appending = 0;
    }
  }
}
