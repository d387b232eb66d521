import type pg from 'pg';
import { StoreUnavailableError } from '#libs/event-store/errors.js';
import type { PendingAppend } from './append-queue.js';
import { BatchEncoder } from './batch-encoder.js';
import { isDefinite, isRefusedInput } from './failures.js';

/** Tests that cut connections recognise an append by this name. */
export const APPEND_STATEMENT = 'log-append';
const APPEND_SQL =
  'select head_before, recorded_ms, firsts from log.append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9)';

/** What one batch came to. See `append-batch.sql`. */
export interface BatchReply {
  readonly headBefore: bigint;
  readonly recordedAt: number;
  /** One entry per append, absent when everything was written. */
  readonly firsts: readonly bigint[] | undefined;
}

/** The batch may or may not be written: the connection broke, or no answer came in time. */
export class BatchInDoubtError extends Error {
  override readonly name = 'BatchInDoubtError';
}

/** Postgres refused the batch's content; nothing was written. One append of it is to blame. */
export class BatchRefusedError extends Error {
  override readonly name = 'BatchRefusedError';
}

/** One connection that appends, one batch at a time. It connects anew after a failure, when it is next used. */
export class AppendLane {
  readonly #encoder = new BatchEncoder();
  #client: pg.Client | undefined;

  constructor(
    private readonly connect: () => Promise<pg.Client>,
    private readonly timeoutMs: number,
  ) {}

  /** The server process behind the lane: its own notifications tell this process nothing new. */
  get processId(): number | undefined {
    return this.#client && (this.#client as pg.Client & { processID?: number }).processID;
  }

  /**
   * @throws StoreUnavailableError, BatchRefusedError: nothing was written
   * @throws BatchInDoubtError: it may be written
   */
  async write(batch: readonly PendingAppend[]): Promise<BatchReply> {
    const client = await this.open();
    const timer = setTimeout(() => void this.#drop(client), this.timeoutMs);
    try {
      const { rows } = await client.query<string[]>({
        name: APPEND_STATEMENT,
        text: APPEND_SQL,
        values: this.#encoder.encode(batch),
        rowMode: 'array',
        types: RAW,
      });
      return replyOf(rows[0] as unknown as readonly [string, string, string | null]);
    } catch (cause) {
      if (!isDefinite(cause)) {
        void this.#drop(client);
        throw new BatchInDoubtError('The connection failed before Postgres confirmed the append.', { cause });
      }
      if (isRefusedInput(cause)) {
        throw new BatchRefusedError(`Postgres refused the append: ${cause.message}`, { cause });
      }
      throw new StoreUnavailableError(`Postgres could not append: ${cause.message}. Nothing was written.`, {
        cause,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** @throws StoreUnavailableError when no connection can be had. */
  async open(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    try {
      const client = await this.connect();
      const forget = () => {
        if (this.#client === client) this.#client = undefined;
      };
      client.on('error', forget);
      client.on('end', forget);
      this.#client = client;
      return client;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new StoreUnavailableError(`The event store cannot be reached: ${reason}`, { cause });
    }
  }

  async close(): Promise<void> {
    if (this.#client) await this.#drop(this.#client);
  }

  /** Ends the connection; one that waits for an answer is cut. */
  async #drop(client: pg.Client): Promise<void> {
    if (this.#client === client) this.#client = undefined;
    await client.end().catch(() => undefined);
  }
}

/** Values as Postgres writes them: what is needed of them is parsed here. */
const RAW: pg.CustomTypesConfig = { getTypeParser: () => (value: string) => value };

function replyOf([headBefore, recordedMs, firsts]: readonly [string, string, string | null]): BatchReply {
  return {
    headBefore: BigInt(headBefore),
    recordedAt: Number(recordedMs),
    firsts: firsts === null ? undefined : firsts.slice(1, -1).split(',').map(BigInt),
  };
}
