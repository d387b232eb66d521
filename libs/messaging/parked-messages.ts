import type { Pool } from 'pg';
import { SEEN_EVERY_MS } from './housekeeping.js';
import { messagingSql } from './sql-file.js';
import type { Try } from './stream-book.js';
import { inTransaction } from '#libs/platform/transaction.js';

const SQL = {
  list: messagingSql('list-parked.sql'),
  show: messagingSql('show-parked.sql'),
  retry: messagingSql('retry-streams.sql'),
  lockStreamOf: messagingSql('lock-stream-of.sql'),
  drop: messagingSql('drop-parked.sql'),
  seen: messagingSql('consumers-seen.sql'),
};

/** A worker that was not seen for so long does not run. */
const SEEN_MS_MAX = 3 * SEEN_EVERY_MS;
const LISTED_MAX = 1_000;

/** A stream whose messages wait, as an operator sees it. */
export interface ParkedStream {
  readonly consumer: string;
  readonly stream: string;
  /** `retrying`: a worker drains it, at `dueAt` the next time. `parked`: until somebody retries or drops. */
  readonly state: 'retrying' | 'parked';
  readonly dueAt: Date | undefined;
  /** Of the first message, as all that follows. */
  readonly messageId: string;
  readonly reason: string;
  readonly since: Date;
  readonly tries: number;
  /** Messages, the first one included. */
  readonly waiting: number;
}

export interface ParkedMessage {
  readonly messageId: string;
  /** Unknown for a message that could not be read. */
  readonly position: string | undefined;
  /** JSON text: the public event, or what came instead. */
  readonly message: string;
  readonly unreadable: boolean;
  readonly state: 'waiting' | 'handled' | 'dropped';
  readonly reason: string;
  /** Oldest first. */
  readonly tries: readonly Try[];
  readonly since: Date;
  readonly endedAt: Date | undefined;
  readonly droppedBy: string | undefined;
  readonly dropReason: string | undefined;
}

export interface KnownConsumer {
  readonly name: string;
  readonly seenAt: Date;
  /** Whether a worker of it runs, as far as the database knows. */
  readonly isRunning: boolean;
}

interface ListRow {
  readonly consumer: string;
  readonly stream: string;
  readonly state: 'retrying' | 'parked';
  readonly due_at: Date | null;
  readonly message_id: string;
  readonly reason: string;
  readonly parked_at: Date;
  readonly tries: number;
  readonly waiting: number;
}

interface ShowRow {
  readonly message_id: string;
  readonly position: string | null;
  readonly message: string;
  readonly unreadable: boolean;
  readonly state: ParkedMessage['state'];
  readonly reason: string;
  readonly tries: string;
  readonly parked_at: Date;
  readonly ended_at: Date | null;
  readonly dropped_by: string | null;
  readonly drop_reason: string | null;
}

/** What an operator can see of parked messages, and do about them, while workers run or not. */
export class ParkedMessages {
  constructor(private readonly pool: Pool) {}

  /** Streams that wait, the longest first; at most 1,000. */
  async list(consumer?: string): Promise<readonly ParkedStream[]> {
    const { rows } = await this.pool.query<ListRow>(SQL.list, [consumer ?? null, LISTED_MAX]);
    return rows.map(({ due_at, message_id, parked_at, state, ...row }) => ({
      ...row,
      state,
      dueAt: state === 'retrying' && due_at ? due_at : undefined,
      messageId: message_id,
      since: parked_at,
    }));
  }

  /** Messages of a stream in their order: those that wait, with `all` also those handled or dropped since. */
  async show(
    { consumer, stream }: { readonly consumer: string; readonly stream: string },
    { all = false, limit = LISTED_MAX }: { readonly all?: boolean; readonly limit?: number } = {},
  ): Promise<readonly ParkedMessage[]> {
    const { rows } = await this.pool.query<ShowRow>(SQL.show, [consumer, stream, all, limit]);
    return rows.map((row) => ({
      messageId: row.message_id,
      position: row.position ?? undefined,
      message: row.message,
      unreadable: row.unreadable,
      state: row.state,
      reason: row.reason,
      tries: JSON.parse(row.tries) as readonly Try[],
      since: row.parked_at,
      endedAt: row.ended_at ?? undefined,
      droppedBy: row.dropped_by ?? undefined,
      dropReason: row.drop_reason ?? undefined,
    }));
  }

  /** Lets the worker try one stream, or all of a consumer, once more from the first message. Safe to repeat. */
  async retry({
    consumer,
    stream,
  }: {
    readonly consumer: string;
    readonly stream: string | undefined;
  }): Promise<{ readonly streams: number; readonly messages: number }> {
    const { rows } = await this.pool.query<{ streams: number; messages: number }>(SQL.retry, [
      consumer,
      stream ?? null,
    ]);
    return rows[0]!;
  }

  /**
   * Gives up a message that waits: the row stays, with who dropped it and why, and its stream goes on with the next.
   * False when no such message waits.
   */
  async drop(drop: {
    readonly consumer: string;
    readonly messageId: string;
    readonly by: string;
    readonly reason: string;
  }): Promise<boolean> {
    const { consumer, messageId, by, reason } = drop;
    return inTransaction(this.pool, async (client) => {
      // A worker that is at it comes to its end first; then the message may be handled already.
      const locked = await client.query<{ stream: string }>(SQL.lockStreamOf, [consumer, messageId]);
      const stream = locked.rows[0]?.stream;
      if (stream === undefined) return false;
      const { rows } = await client.query<{ dropped: number }>(SQL.drop, [
        consumer,
        messageId,
        by,
        reason,
        stream,
      ]);
      return rows[0]!.dropped === 1;
    });
  }

  async consumers(): Promise<readonly KnownConsumer[]> {
    const { rows } = await this.pool.query<{ name: string; seen_at: Date; age_ms: number }>(SQL.seen);
    return rows.map(({ name, seen_at, age_ms }) => ({
      name,
      seenAt: seen_at,
      isRunning: age_ms < SEEN_MS_MAX,
    }));
  }
}
