import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { DeadLetter } from './source.js';
import { messagingSql } from './sql-file.js';
import { inTransaction } from '#libs/platform/transaction.js';

const SQL = {
  lock: messagingSql('try-publish.sql'),
  due: messagingSql('due-dead-letters.sql'),
  published: messagingSql('dead-letters-published.sql'),
};

const POLL_MS = 500;
/** Published in one transaction. */
const LETTERS_MAX = 100;

export interface OutboxOptions {
  readonly consumer: string;
  readonly pool: Pool;
  readonly publish: (letters: readonly DeadLetter[]) => Promise<void>;
  readonly signal: AbortSignal;
}

interface LetterRow {
  readonly number: string;
  readonly stream: string;
  readonly message_id: string;
  readonly reason: string;
  readonly parked_at: Date;
  readonly message: string;
}

/**
 * Publishes messages that were put aside, at least once each and in order, until the signal fires.
 * @throws what kept Postgres or the brokers from it
 */
export async function publishDeadLetters(options: OutboxOptions): Promise<void> {
  const { signal } = options;
  while (!signal.aborted) {
    const published = await publishSome(options);
    if (published < LETTERS_MAX) await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function publishSome({ consumer, pool, publish }: OutboxOptions): Promise<number> {
  return inTransaction(pool, async (client) => {
    // One process of the consumer at a time, so that the order is that of the messages.
    const { rows: locks } = await client.query<{ held: boolean }>(SQL.lock, [consumer]);
    if (!locks[0]!.held) return 0;
    const { rows } = await client.query<LetterRow>(SQL.due, [consumer, LETTERS_MAX]);
    if (rows.length === 0) return 0;
    await publish(
      rows.map(({ stream, message_id, reason, parked_at, message }) => ({
        ...{ consumer, stream, reason, message },
        messageId: message_id,
        parkedAt: parked_at,
      })),
    );
    await client.query(SQL.published, [rows.map(({ number }) => number)]);
    return rows.length;
  });
}
