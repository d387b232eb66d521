import { StoreUnavailableError } from '#libs/event-store/errors.js';
import { EventStoreUrlError } from '#libs/event-store-eventstoredb/connection-string.js';
import { OtherLogError } from '#libs/platform/bound-log.js';
import type { Config } from '#libs/platform/config.js';

/** The engine cannot start for a reason that its user can mend; the message names the variable and the way out. */
export class EngineStartError extends Error {
  override readonly name = 'EngineStartError';
  constructor(
    message: string,
    /** Of the error behind it, for example `EADDRINUSE`. */
    readonly code: string | undefined,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** What keeps the HTTP interface from listening, in words. */
export function listenError(error: unknown, { host, port }: Config): unknown {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') {
    return new EngineStartError(
      `PORT: ${host}:${port} is in use by another program. Stop that one, or set PORT to another port (0 takes a free one). Example: PORT=8080`,
      code,
      error,
    );
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return new EngineStartError(
      `PORT, HOST: this user may not listen on ${host}:${port} (${code}). Set PORT to 1024 or higher, HOST to an address of this machine. Example: PORT=8080`,
      code,
      error,
    );
  }
  return error;
}

/** What keeps the port of metrics and health from being listened on, in words. */
export function metricsListenError(error: unknown, { metrics }: Config): unknown {
  const code = codeOf(error);
  if (code === undefined || metrics === undefined) return error;
  return new EngineStartError(
    `METRICS_PORT, METRICS_HOST: ${metrics.host}:${metrics.port} cannot be listened on (${code}). Set METRICS_PORT to a free port of 1024 or higher (0 takes one), METRICS_HOST to an address of this machine. Example: METRICS_PORT=9464`,
    code,
    error,
  );
}

/** Connection refused or lost, host unknown, and SQLSTATE classes of a refused login or an unknown database. */
const NO_DATABASE = /^(ECONN|ENOTFOUND|EAI_|ENOENT|ETIMEDOUT|EHOST|ENET|08|28|3D|53|57P)/;

/** What keeps the configured database from being used, in words; the password is never shown. */
export function databaseError(error: unknown, url: string): unknown {
  const code = codeOf(error);
  const silent = error instanceof Error && /timeout/i.test(error.message);
  if (!silent && !NO_DATABASE.test(code ?? '')) return error;
  const { username, host, pathname } = new URL(url);
  const reason = error instanceof Error ? error.message : String(error);
  return new EngineStartError(
    `DATABASE_URL: the Postgres at ${username}@${host}${pathname} cannot be used (${reason || (code ?? 'no answer')}). Start it, or correct DATABASE_URL; without it the embedded Postgres is used. Example: DATABASE_URL=postgres://ledger:password@db.example.com:5432/ledger`,
    code,
    error,
  );
}

/** What keeps the configured log from being used: the errors behind it say it in words already. */
export function eventStoreError(error: unknown): unknown {
  const known = [StoreUnavailableError, EventStoreUrlError, OtherLogError].some(
    (kind) => error instanceof kind,
  );
  return known && error instanceof Error ? new EngineStartError(error.message, codeOf(error), error) : error;
}
