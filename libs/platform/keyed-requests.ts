import type { ClientBase, Pool } from 'pg';
import type { Result } from '#libs/kernel/result.js';
import { platformSql } from './sql-file.js';

/** A command under its key. A key belongs to who sent it and to what it is about. */
export interface KeyedRequest {
  readonly principal: string;
  /** What the key is scoped to beside the principal, for example `webhooks:u-1`. */
  readonly scope: string;
  readonly key: string;
  /** Recognises the same request under the same key. */
  readonly bodyHash: string;
}

export type KeyedOutcome<R> =
  | { readonly kind: 'done'; readonly reply: string; readonly replayed: boolean }
  /** The key has done something else. */
  | { readonly kind: 'reused' }
  /** Nothing was written, the key neither: the same request is judged afresh when it comes again. */
  | { readonly kind: 'refused'; readonly refusal: R };

/** The connection failed while the transaction was committed: it may or may not have happened. Send the same again. */
export class KeyedOutcomeUnknownError extends Error {
  override readonly name = 'KeyedOutcomeUnknownError';
}

const CLAIM = { name: 'claim-request', text: platformSql('claim-request.sql') };

/**
 * Does `work` at most once for a key, for ever. Its rows, the key and the reply are one transaction, so copies that come
 * together wait for the first and get its reply.
 * @throws KeyedOutcomeUnknownError, and whatever Postgres or `work` throws before the commit: then nothing was written
 */
export async function onceForKey<R>(
  pool: Pool,
  request: KeyedRequest,
  work: (tx: ClientBase) => Promise<Result<string, R>>,
): Promise<KeyedOutcome<R>> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const outcome = await decide(client, request, work);
    if (outcome.kind !== 'done' || outcome.replayed) {
      await client.query('rollback');
      return outcome;
    }
    await client.query('commit').catch((cause: unknown) => {
      throw new KeyedOutcomeUnknownError('The request may or may not have been committed.', { cause });
    });
    return outcome;
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // A connection in an unknown state is thrown away, and with it its transaction.
    client.release(broken);
  }
}

async function decide<R>(
  tx: ClientBase,
  request: KeyedRequest,
  work: (tx: ClientBase) => Promise<Result<string, R>>,
): Promise<KeyedOutcome<R>> {
  const { principal, scope, key, bodyHash } = request;
  const claimed = await tx.query({ ...CLAIM, values: [principal, scope, key, bodyHash] });
  if (claimed.rowCount === 0) return recall(tx, request);
  const result = await work(tx);
  if (!result.ok) return { kind: 'refused', refusal: result.error };
  await tx.query({
    name: 'answer-request',
    text: 'update platform.keyed_requests set reply = $4 where principal = $1 and scope = $2 and key = $3',
    values: [principal, scope, key, result.value],
  });
  return { kind: 'done', reply: result.value, replayed: false };
}

async function recall<R>(
  tx: ClientBase,
  { principal, scope, key, bodyHash }: KeyedRequest,
): Promise<KeyedOutcome<R>> {
  const { rows } = await tx.query<{ body_hash: string; reply: string }>({
    name: 'recall-request',
    text: 'select body_hash, reply from platform.keyed_requests where principal = $1 and scope = $2 and key = $3',
    values: [principal, scope, key],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('A key that was there is gone: nobody deletes keys.');
  if (row.body_hash !== bodyHash) return { kind: 'reused' };
  return { kind: 'done', reply: row.reply, replayed: true };
}
