import type { ClientBase } from 'pg';
import { connectClient } from './postgres.js';
import { platformSql } from './sql-file.js';

/** The database holds what was made of another log. The message names both and the way out. */
export class OtherLogError extends Error {
  override readonly name = 'OtherLogError';
}

export interface LogPlace {
  readonly logId: string;
  /** In words, for example `the server of EVENTSTORE_URL`. */
  readonly place: string;
}

/**
 * Binds a migrated database to the first log that it is used with. A process that lost a variable must not begin a
 * second, empty ledger beside the one whose balances the database shows.
 * @throws OtherLogError when the database belongs to another log
 */
export async function bindLog(databaseUrl: string, log: LogPlace): Promise<void> {
  const client = await connectClient({ url: databaseUrl, applicationName: 'ledger-bind' });
  try {
    const bound = await boundTo(client, log);
    if (bound.logId === log.logId) return;
    throw new OtherLogError(
      `DATABASE_URL, EVENTSTORE_URL: the database belongs to log ${bound.logId} in ${bound.place}, but the events are now looked for in ${log.place}, which holds log ${log.logId}. ` +
        'Set EVENTSTORE_URL and EVENTSTORE_NAMESPACE as they were, or give the new log an empty database. Example: DATABASE_URL=postgres://ledger:password@db.example.com:5432/another_ledger',
    );
  } finally {
    await client.end();
  }
}

async function boundTo(client: ClientBase, { logId, place }: LogPlace): Promise<LogPlace> {
  // Two first starts at once: the insert of the one that waited sees the other's row only in its next statement.
  for (;;) {
    const { rows } = await client.query<{ log_id: string; place: string }>(platformSql('bind-log.sql'), [
      logId,
      place,
    ]);
    const [row] = rows;
    if (row !== undefined) return { logId: row.log_id, place: row.place };
  }
}
