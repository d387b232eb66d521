import type pg from 'pg';
import { connectClient, createPool } from '#libs/platform/postgres.js';
import { assertDurable } from './durability.js';

/** May insert and select events, never update or delete them. Made by the first migration. */
export const LOG_ROLE = 'ledger_log';

/** Postgres gives up before this process does: most time-outs then have a known outcome. */
const STATEMENT_SHARE_OF_TIMEOUT = 0.8;
const LOCK_SHARE_OF_TIMEOUT = 0.5;

/**
 * Every statement on the log has one right plan, by index. Planned anew for each small batch it would cost more than
 * its execution; planned once while the log was empty it would scan the table until the next ANALYZE.
 */
const SETTINGS = [
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_bitmapscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'jit=off',
  // Behind the lock each statement must see what was committed before it: a stricter level would not.
  'default_transaction_isolation=read\\ committed',
];

/** A connection that appends, checked to be durable. @throws NotDurableError */
export async function connectAppender(url: string, timeoutMs: number): Promise<pg.Client> {
  const client = await connectClient({
    url: withSettings(url),
    applicationName: 'ledger-log-append',
    role: LOG_ROLE,
    lockTimeoutMs: timeoutMs * LOCK_SHARE_OF_TIMEOUT,
    statementTimeoutMs: timeoutMs * STATEMENT_SHARE_OF_TIMEOUT,
  });
  try {
    await assertDurable(client);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** A connection of its own for LISTEN. */
export function connectListener(url: string): Promise<pg.Client> {
  return connectClient({ url: withSettings(url), applicationName: 'ledger-log-listen', role: LOG_ROLE });
}

/** `timeoutMs` is for one page of the log or of a stream; a server gone silent is given up a little later. */
export function createReadPool(url: string, max: number, timeoutMs: number): pg.Pool {
  return createPool({
    url: withSettings(url),
    applicationName: 'ledger-log-read',
    role: LOG_ROLE,
    max,
    statementTimeoutMs: timeoutMs,
  });
}

function withSettings(address: string): string {
  const url = new URL(address);
  const given = url.searchParams.get('options');
  const options = [...(given === null ? [] : [given]), ...SETTINGS.map((setting) => `-c ${setting}`)];
  url.searchParams.set('options', options.join(' '));
  return url.href;
}
