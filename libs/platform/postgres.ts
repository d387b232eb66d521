import pg from 'pg';

const SECOND_MS = 1000;
const SILENCE_GRACE_MS = 5 * SECOND_MS;

/** Time-outs of every pooled connection, in milliseconds; 0 turns one off. */
export const POOL_TIMEOUTS = {
  /** Waiting for a free or new connection. */
  connectMs: 5 * SECOND_MS,
  /** Waiting for a lock that another transaction holds. */
  lockMs: 5 * SECOND_MS,
  /** A client that stops in the middle of a transaction gives its locks back after this. */
  idleInTransactionMs: 10 * SECOND_MS,
  /** One statement. Reports that need longer say so themselves. */
  statementMs: 30 * SECOND_MS,
} as const;

const POOL_MAX_DEFAULT = 10;
const ROLE = /^[a-z_][a-z0-9_]{0,62}$/;

export interface PoolOptions {
  /** `postgres://user:password@host:port/database`; a unix socket is `?host=/folder`. */
  readonly url: string;
  /** Shown in `pg_stat_activity`, for example `promptflow-api`. */
  readonly applicationName: string;
  /** Database role that every connection takes on at start. Default: the login role. */
  readonly role?: string;
  /** Most connections open at once. Default 10. */
  readonly max?: number;
  readonly lockTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
  readonly idleInTransactionTimeoutMs?: number;
  /** Told when an idle or a borrowed connection fails. The pool replaces it; the process goes on. */
  readonly onConnectionError?: (error: Error) => void;
}

/** Connection settings for one `pg.Client` or a pool: role, name and time-outs are set before the first statement. */
export function connectionConfig(options: Omit<PoolOptions, 'max' | 'onConnectionError'>): pg.ClientConfig {
  if (options.role !== undefined && !ROLE.test(options.role)) {
    throw new Error(
      `Database role "${options.role}" is not a plain lower-case name, for example event_writer.`,
    );
  }
  const url = new URL(options.url);
  const settings = {
    lock_timeout: options.lockTimeoutMs ?? POOL_TIMEOUTS.lockMs,
    idle_in_transaction_session_timeout:
      options.idleInTransactionTimeoutMs ?? POOL_TIMEOUTS.idleInTransactionMs,
    statement_timeout: options.statementTimeoutMs ?? POOL_TIMEOUTS.statementMs,
    ...(options.role === undefined ? {} : { role: options.role }),
  };
  const given = url.searchParams.get('options');
  // The driver lets the URL win over its own options, so both are joined and the URL's are taken out.
  url.searchParams.delete('options');
  return {
    connectionString: url.href,
    application_name: options.applicationName,
    connectionTimeoutMillis: POOL_TIMEOUTS.connectMs,
    // The server's own limit does not help when the server has gone silent.
    query_timeout: silenceLimitMs(options.statementTimeoutMs),
    keepAlive: true,
    options: [
      ...(given === null ? [] : [given]),
      ...Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`),
    ].join(' '),
  };
}

/** A statement without limit (0) may take for ever; any other is given up a little after the server should have. */
function silenceLimitMs(statementTimeoutMs: number = POOL_TIMEOUTS.statementMs): number {
  return statementTimeoutMs === 0 ? 0 : statementTimeoutMs + SILENCE_GRACE_MS;
}

interface NamedPool {
  /** Its application name. */
  readonly name: string;
  readonly pool: pg.Pool;
}

/** Of this thread, for its metrics. */
let made: readonly NamedPool[] = [];

/** Every pool that this thread has made and not ended. */
export function openPools(): readonly NamedPool[] {
  return (made = made.filter(({ pool }) => !pool.ending));
}

/** A pool whose connections fail without ever bringing the process down. End it with `pool.end()`. */
export function createPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({ ...connectionConfig(options), max: options.max ?? POOL_MAX_DEFAULT });
  const report = options.onConnectionError ?? (() => undefined);
  // The pool reports idle connections only; a borrowed one between two statements reports on itself.
  pool.on('connect', (client) => client.on('error', report));
  pool.on('error', () => undefined);
  made = [...openPools(), { name: options.applicationName, pool }];
  return pool;
}

/** One connection of its own (LISTEN, session locks, migrations), connected. The caller ends it. */
export async function connectClient(options: Omit<PoolOptions, 'max'>): Promise<pg.Client> {
  const client = new pg.Client(connectionConfig(options));
  client.on('error', options.onConnectionError ?? (() => undefined));
  await client.connect();
  return client;
}
