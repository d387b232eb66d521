import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import type { PublicEvent } from '#libs/contracts/public/public-event.js';
import type { Position } from '#libs/event-store/port.js';
import { parsePosition } from '#libs/event-store/position.js';
import type { Consumer, Handled } from './consumer.js';
import type { RawMessage } from './delivery.js';
import { asError, HandlerOverdueError } from './errors.js';
import { readRaw } from './read-raw.js';
import { type RetryPolicy, type Verdict, verdictOn } from './retry-policy.js';
import { messagingSql } from './sql-file.js';
import type { Tally } from './status.js';
import { inTransaction } from '#libs/platform/transaction.js';
import { keptWords } from './stream-book.js';
import { tryHandle, type Tried } from './try-handle.js';

const SQL = {
  dueStreams: messagingSql('due-streams.sql'),
  lockStream: messagingSql('lock-due-stream.sql'),
  next: messagingSql('next-parked.sql'),
  wasHandled: messagingSql('was-handled.sql'),
  end: messagingSql('end-parked.sql'),
  failedAgain: messagingSql('failed-again.sql'),
  setState: messagingSql('set-stream-state.sql'),
};

/** How often due streams are looked for. */
const POLL_MS = 200;
const STREAMS_MAX = 20;
/** Parked messages of a stream handled in one transaction. */
const MESSAGES_MAX = 50;
/** Messages that arrive for the stream meanwhile wait for the transaction. */
const TRANSACTION_MS = 1_000;
/** Of the history of one message: the first try and the newest ones. */
const TRIES_KEPT = 20;

export interface DrainOptions {
  readonly consumer: Consumer;
  readonly logId: string;
  readonly pool: Pool;
  readonly policy: RetryPolicy;
  readonly tally: Tally;
  readonly signal: AbortSignal;
  readonly handlerMsMax?: number;
}

interface ParkedRow {
  readonly number: string;
  readonly message_id: string;
  readonly event: string | null;
  readonly raw: string | null;
  readonly tries_of_round: number;
}

type ReadRow =
  | { readonly kind: 'event'; readonly event: PublicEvent; readonly position: Position }
  | { readonly kind: 'failed'; readonly error: Error };

interface EndedRow {
  readonly position: Position;
  readonly messageId: string;
  readonly handled: Handled;
}

/** What one transaction has drained. */
interface Drained {
  /** Rows that need not wait any longer. */
  readonly numbers: string[];
  /** Those of them that were handled now. */
  readonly ended: EndedRow[];
  failed?: { readonly row: ParkedRow; readonly error: Error };
}

interface Pass {
  readonly drained: Drained;
  /** There may be more to drain now. */
  readonly more: boolean;
  readonly state: Verdict['state'] | 'flowing' | 'unchanged';
}

const NOTHING: Pass = { drained: { numbers: [], ended: [] }, more: false, state: 'unchanged' };

/** Handles parked messages of streams that are due, in the order they came, until the signal fires. */
export class Drain {
  constructor(private readonly options: DrainOptions) {}

  /** @throws what kept Postgres from it; nothing is lost, and it may be run again */
  async run(): Promise<void> {
    const { signal } = this.options;
    while (!signal.aborted) {
      let fault: Error | undefined;
      for (const stream of await this.dueStreams()) {
        if (signal.aborted) return;
        // What one stream runs into is not the others' business.
        await this.drain(stream).catch((error: unknown) => (fault ??= asError(error)));
      }
      if (fault !== undefined) throw fault;
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async dueStreams(): Promise<readonly string[]> {
    const { pool, consumer } = this.options;
    const { rows } = await pool.query<{ stream: string }>({
      name: 'messaging-due-streams',
      text: SQL.dueStreams,
      values: [consumer.name, STREAMS_MAX],
    });
    return rows.map(({ stream }) => stream);
  }

  /** Until nothing of the stream is left, it fails again, or another process is at it. */
  private async drain(stream: string): Promise<void> {
    const overdue = new Map<string, HandlerOverdueError>();
    for (let more = true; more && !this.options.signal.aborted;) {
      try {
        const pass = await inTransaction(this.options.pool, (client) => this.pass(client, stream, overdue));
        this.count(pass);
        more = pass.more;
      } catch (error) {
        if (!(error instanceof HandlerOverdueError)) throw error;
        overdue.set(error.messageId, error);
      }
    }
  }

  private count({ drained, state }: Pass): void {
    const { tally } = this.options;
    const done = drained.ended.filter(({ handled }) => handled === 'done').length;
    tally.handled += done;
    tally.skipped += drained.ended.length - done;
    if (state === 'parked') tally.parked += 1;
    if (state === 'retrying') tally.retried += 1;
  }

  private async pass(
    client: PoolClient,
    stream: string,
    overdue: ReadonlyMap<string, HandlerOverdueError>,
  ): Promise<Pass> {
    const { name } = this.options.consumer;
    const locked = await client.query(SQL.lockStream, [name, stream]);
    if (locked.rowCount === 0) return NOTHING;
    const { rows } = await client.query<ParkedRow>(SQL.next, [name, stream, MESSAGES_MAX]);
    const drained = await this.handleAll(client, rows, overdue);
    await this.remember(client, stream, drained);
    if (drained.failed) {
      const state = await this.failAgain(client, stream, drained.failed);
      return { drained, more: false, state };
    }
    const empty = drained.numbers.length === rows.length && rows.length < MESSAGES_MAX;
    if (!empty) return { drained, more: true, state: 'unchanged' };
    await this.setState(client, stream, { state: 'flowing' });
    return { drained, more: false, state: 'flowing' };
  }

  private async handleAll(
    client: PoolClient,
    rows: readonly ParkedRow[],
    overdue: ReadonlyMap<string, HandlerOverdueError>,
  ): Promise<Drained> {
    const { consumer, handlerMsMax } = this.options;
    const drained: Drained = { numbers: [], ended: [] };
    const until = performance.now() + TRANSACTION_MS;
    for (const row of rows) {
      if (drained.ended.length > 0 && performance.now() > until) break;
      const read = this.read(row);
      if (read.kind === 'failed') return { ...drained, failed: { row, error: read.error } };
      const { event, position } = read;
      if (!consumer.types.includes(event.type) || (await this.wasHandled(client, position, drained))) {
        drained.numbers.push(row.number);
        continue;
      }
      const how = { consumer, client, overdue, ...(handlerMsMax === undefined ? {} : { handlerMsMax }) };
      const tried: Tried = await tryHandle(event, how);
      if (tried.kind === 'failed') return { ...drained, failed: { row, error: tried.error } };
      drained.numbers.push(row.number);
      drained.ended.push({ position, messageId: event.id, handled: tried.handled });
    }
    return drained;
  }

  /** What could not be read when it came may be readable by this version. */
  private read({ event: text, raw }: ParkedRow): ReadRow {
    const { logId } = this.options;
    try {
      const event =
        text === null ? readRaw(logId, JSON.parse(raw!) as RawMessage) : (JSON.parse(text) as PublicEvent);
      return { kind: 'event', event, position: parsePosition(logId, event.position) };
    } catch (error) {
      return { kind: 'failed', error: asError(error) };
    }
  }

  /** A copy of a message that could not be read may have come behind it, whole. */
  private async wasHandled(client: PoolClient, position: Position, { ended }: Drained): Promise<boolean> {
    if (ended.some((each) => each.position === position)) return true;
    const { rowCount } = await client.query(SQL.wasHandled, [this.options.consumer.name, position]);
    return rowCount !== 0;
  }

  private async remember(client: PoolClient, stream: string, { numbers, ended }: Drained): Promise<void> {
    if (numbers.length === 0) return;
    await client.query(SQL.end, [
      this.options.consumer.name,
      stream,
      ended.map(({ position }) => position),
      ended.map(({ messageId }) => messageId),
      ended.map(({ handled }) => (handled === 'done' ? 'done' : 'skipped')),
      ended.map(({ handled }) => (handled === 'done' ? null : keptWords(handled.skipped))),
      numbers,
    ]);
  }

  private async failAgain(
    client: PoolClient,
    stream: string,
    { row, error }: { readonly row: ParkedRow; readonly error: Error },
  ): Promise<Verdict['state']> {
    const verdict = verdictOn(error, row.tries_of_round + 1, this.options.policy);
    const reason = keptWords(error.message);
    const failure = JSON.stringify({ at: new Date().toISOString(), error: reason });
    await client.query(SQL.failedAgain, [row.number, reason, failure, TRIES_KEPT - 1]);
    await this.setState(client, stream, verdict);
    return verdict.state;
  }

  private async setState(
    client: PoolClient,
    stream: string,
    verdict: Verdict | { readonly state: 'flowing'; readonly dueMs?: never },
  ): Promise<void> {
    await client.query(SQL.setState, [
      this.options.consumer.name,
      stream,
      verdict.state,
      verdict.dueMs ?? null,
    ]);
  }
}
