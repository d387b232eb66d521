import type { Pool, PoolClient } from 'pg';
import { Turnstile } from '#libs/platform/turnstile.js';
import { type Consumer, type PassedOver, PoisonMessageError } from './consumer.js';
import type { Delivery, EventDelivery } from './delivery.js';
import { asError, HandlerOverdueError } from './errors.js';
import { isInfrastructureFault } from './infrastructure-fault.js';
import { lanesOf } from './lanes.js';
import { type RetryPolicy, verdictOn } from './retry-policy.js';
import { messagingSql } from './sql-file.js';
import type { Tally } from './status.js';
import { StreamBook } from './stream-book.js';
import { inTransaction } from '#libs/platform/transaction.js';
import { handleInTime, tryHandle } from './try-handle.js';

const PARKED_ALREADY = messagingSql('parked-already.sql');

export interface InboxOptions {
  readonly consumer: Consumer;
  readonly pool: Pool;
  readonly policy: RetryPolicy;
  readonly tally: Tally;
  /** Transactions side by side. */
  readonly lanes: number;
  readonly handlerMsMax?: number;
}

/** What a transaction has done, to be counted once it is committed. */
interface LaneCount {
  handled: number;
  skipped: number;
  repeated: number;
  retried: number;
  parked: number;
}

/** How a transaction treats a failing handler: it gives up, or it keeps the others and puts that one aside. */
interface LaneMode {
  readonly careful: boolean;
  readonly overdue: ReadonlyMap<string, HandlerOverdueError>;
}

const NONE_PASSED_OVER: PassedOver = { ids: new Set(), reason: '' };

/**
 * Lets a consumer act on messages exactly once, however often they are delivered: effect, inbox row and high water are
 * one transaction. A message that fails waits in a table with the later ones of its stream; the others go on.
 */
export class Inbox {
  private readonly turnstile: Turnstile;
  private readonly types: ReadonlySet<string>;

  constructor(private readonly options: InboxOptions) {
    this.turnstile = new Turnstile(options.lanes);
    this.types = new Set(options.consumer.types);
  }

  /**
   * Handles or parks all of them; streams lie side by side, within one the order is kept. Safe beside other processes
   * that were given the same messages.
   * @throws what kept Postgres from it: some may have been handled then, and the same may be given again
   */
  async accept(deliveries: readonly Delivery[]): Promise<void> {
    const wanted = deliveries.filter(
      (delivery) => delivery.kind === 'unreadable' || this.types.has(delivery.event.type),
    );
    const lanes = lanesOf(wanted, this.options.lanes);
    const ended = await Promise.allSettled(
      lanes.map((lane) => this.turnstile.pass(() => this.runLane(lane))),
    );
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
  }

  /** At first without savepoints, which cost as much as a cheap effect; nearly always nothing fails. */
  private async runLane(lane: readonly Delivery[]): Promise<void> {
    const overdue = new Map<string, HandlerOverdueError>();
    let careful = false;
    for (;;) {
      try {
        const count = await inTransaction(this.options.pool, (client) =>
          this.handleLane(client, lane, { careful, overdue }),
        );
        for (const key of Object.keys(count) as (keyof LaneCount)[]) this.options.tally[key] += count[key];
        return;
      } catch (error) {
        if (error instanceof HandlerOverdueError) overdue.set(error.messageId, error);
        else if (careful || isInfrastructureFault(error)) throw error;
        careful = true;
      }
    }
  }

  private async handleLane(
    client: PoolClient,
    lane: readonly Delivery[],
    mode: LaneMode,
  ): Promise<LaneCount> {
    const { name } = this.options.consumer;
    const count: LaneCount = { handled: 0, skipped: 0, repeated: 0, retried: 0, parked: 0 };
    const book = await StreamBook.open(client, name, new Set(lane.map(({ stream }) => stream)));
    const parkedAlready = await this.parkedAlready(client, lane);
    // Where something failed, each message is judged by itself.
    const passedOver = mode.careful ? NONE_PASSED_OVER : await this.passedOver(client, lane);
    for (const delivery of lane) {
      if (book.knows(delivery) || parkedAlready.has(delivery.messageId)) count.repeated += 1;
      else if (book.stateOf(delivery.stream) !== 'flowing') book.parkBehind(delivery);
      else if (passedOver.ids.has(delivery.messageId)) {
        book.handled(delivery as EventDelivery, { skipped: passedOver.reason });
        count.skipped += 1;
      } else if (delivery.kind === 'event') await this.handleOne(client, book, delivery, mode, count);
      else this.park(book, delivery, new PoisonMessageError(delivery.problem), count);
    }
    await book.close();
    return count;
  }

  private async passedOver(client: PoolClient, lane: readonly Delivery[]): Promise<PassedOver> {
    const { passOver } = this.options.consumer;
    if (passOver === undefined) return NONE_PASSED_OVER;
    return passOver(
      lane.filter((delivery) => delivery.kind === 'event').map(({ event }) => event),
      client,
    );
  }

  private async handleOne(
    client: PoolClient,
    book: StreamBook,
    delivery: EventDelivery,
    { careful, overdue }: LaneMode,
    count: LaneCount,
  ): Promise<void> {
    const { consumer, handlerMsMax } = this.options;
    const how = { consumer, client, overdue, ...(handlerMsMax === undefined ? {} : { handlerMsMax }) };
    const tried = careful
      ? await tryHandle(delivery.event, how)
      : { kind: 'handled' as const, handled: await handleInTime(delivery.event, how) };
    if (tried.kind === 'failed') return this.park(book, delivery, tried.error, count);
    book.handled(delivery, tried.handled);
    if (tried.handled === 'done') count.handled += 1;
    else count.skipped += 1;
  }

  private park(book: StreamBook, delivery: Delivery, error: Error, count: LaneCount): void {
    const verdict = verdictOn(error, 1, this.options.policy);
    book.parkFirst(delivery, asError(error), verdict, new Date());
    if (verdict.state === 'parked') count.parked += 1;
    else count.retried += 1;
  }

  /** What could not be read has no position that the high water could know. */
  private async parkedAlready(client: PoolClient, lane: readonly Delivery[]): Promise<ReadonlySet<string>> {
    const unreadable = lane.filter(({ kind }) => kind === 'unreadable');
    if (unreadable.length === 0) return new Set();
    const { rows } = await client.query<{ message_id: string }>(PARKED_ALREADY, [
      this.options.consumer.name,
      unreadable.map(({ messageId }) => messageId),
    ]);
    return new Set(rows.map(({ message_id }) => message_id));
  }
}
