import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ClientBase } from 'pg';
import { connectClient } from './postgres.js';

/** A standby asks this often; it does not wait inside Postgres, where a waiting statement would hold back vacuum. */
const RETRY_DELAY_MS = 500;
/** A connection that went silent (cable, not crash) is noticed by the next heartbeat. */
const HEARTBEAT_MS = 5_000;
const HEARTBEAT_TIMEOUT_MS = 5_000;

/** The connection that holds the lock: what is written through it is written by the leader, or fails. */
export type LeaderSession = Pick<ClientBase, 'query'>;

export interface LeadershipOptions {
  readonly url: string;
  /** What there may be one of, for example `projector:balances`. */
  readonly name: string;
  /** Ends leadership, or the wait for it. */
  readonly signal: AbortSignal;
  /**
   * Runs while this process leads. Its signal fires at once when the connection that holds the lock fails or the
   * outer signal does; it must then end. Postgres may see a dead connection before this process does, so a write
   * that two leaders must not both make needs a fence of its own (compare-and-set, expected revision).
   */
  readonly work: (signal: AbortSignal, session: LeaderSession) => Promise<void>;
  readonly retryDelayMs?: number;
  /**
   * After this long without a word from the leader, Postgres takes the lock back: its process stands still, though its
   * connection does not. At least two heartbeats. Default: never.
   */
  readonly silenceMaxMs?: number;
  /** Told why leadership was lost or could not be sought; the attempt is repeated. */
  readonly onTrouble?: (error: Error) => void;
}

/**
 * Runs `work` in at most one process at a time, by a session advisory lock on a connection of its own. The others
 * stand by. After a lost connection it seeks leadership again and runs `work` again.
 * Resolves when `work` has ended by itself or `signal` fired and `work` has ended.
 * @throws whatever `work` throws while it leads; RangeError for a `silenceMaxMs` that its own heartbeat would break.
 */
export async function runAsLeader(options: LeadershipOptions): Promise<void> {
  const { signal, silenceMaxMs = 0 } = options;
  if (silenceMaxMs !== 0 && silenceMaxMs < 2 * HEARTBEAT_MS) {
    throw new RangeError(`silenceMaxMs is ${silenceMaxMs}, expected ${2 * HEARTBEAT_MS} or more.`);
  }
  const retryDelayMs = options.retryDelayMs ?? RETRY_DELAY_MS;
  const report = options.onTrouble ?? (() => undefined);
  while (!signal.aborted) {
    const lost = new AbortController();
    const client = await connect(options, (error) => lost.abort(error)).catch((error: unknown) => {
      report(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    });
    try {
      if (client && (await acquire(client, options, retryDelayMs, lost.signal))) {
        const ended = await lead(client, options, lost);
        if (ended) return;
      }
    } finally {
      await client?.end().catch(() => undefined);
    }
    if (!signal.aborted && lost.signal.reason instanceof Error) report(lost.signal.reason);
    if (!signal.aborted) await pause(retryDelayMs, signal);
  }
}

async function connect(options: LeadershipOptions, onLoss: (error: Error) => void): Promise<Client> {
  const client = await connectClient({
    url: options.url,
    applicationName: `leader ${options.name}`.slice(0, 63),
    statementTimeoutMs: HEARTBEAT_TIMEOUT_MS,
    onConnectionError: onLoss,
  });
  client.once('end', () => onLoss(new Error(`The connection that holds "${options.name}" has ended.`)));
  return client;
}

/** Waits until the lock is ours. False when the connection failed or the wait was ended. */
async function acquire(
  client: Client,
  { name, signal, silenceMaxMs, onTrouble }: LeadershipOptions,
  retryDelayMs: number,
  lost: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted && !lost.aborted) {
    try {
      const { rows } = await client.query<{ held: boolean }>(
        `select pg_try_advisory_lock(hashtextextended('leader:' || $1, 0)) as held`,
        [name],
      );
      if (rows[0]?.held) {
        await limitSilence(client, silenceMaxMs);
        return true;
      }
    } catch (error) {
      // A connection that failed is reported by the caller.
      if (!lost.aborted) onTrouble?.(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
    await pause(retryDelayMs, AbortSignal.any([signal, lost]));
  }
  return false;
}

/** From now on: a standby is quiet between its tries, and is not to be cut off for it. */
async function limitSilence(client: Client, silenceMaxMs = 0): Promise<void> {
  await client.query(`select set_config('idle_session_timeout', $1, false)`, [String(silenceMaxMs)]);
}

/** True when `work` ended by itself; false when leadership was lost or given up. */
async function lead(
  client: Client,
  { work, signal }: LeadershipOptions,
  lost: AbortController,
): Promise<boolean> {
  const heartbeat = setInterval(() => void beat(client, lost), HEARTBEAT_MS);
  const over = AbortSignal.any([signal, lost.signal]);
  try {
    await work(over, client);
    return !over.aborted;
  } catch (error) {
    // What fails after the connection did, failed because of it; the cause is reported by the caller.
    if (!over.aborted) throw error;
    return false;
  } finally {
    clearInterval(heartbeat);
  }
}

async function beat(client: Client, lost: AbortController): Promise<void> {
  const timer = setTimeout(
    () => lost.abort(new Error(`No answer from Postgres within ${HEARTBEAT_TIMEOUT_MS / 1000} s.`)),
    HEARTBEAT_TIMEOUT_MS,
  );
  try {
    await client.query('select 1');
  } catch (error) {
    lost.abort(error);
  } finally {
    clearTimeout(timer);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
