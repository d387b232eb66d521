import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientBase } from 'pg';
import { platformSql } from './sql-file.js';

const FILE_NAME = /^\d{4}[_-][a-z0-9_-]+\.sql$/;
/** Any constant will do, as long as every process takes the same one. */
const LOCK_KEY = '7310589214410';
/** Another process may be migrating; a long migration of a full log takes minutes, not hours. */
const LOCK_WAIT_MS = 10 * 60 * 1000;

export interface MigrationSet {
  /** Who owns these files, for example `event-store`; file names are unique within it. */
  readonly name: string;
  /** Absolute path of a folder of numbered files such as `0001_events.sql`. */
  readonly directory: string;
}

export interface MigrationResult {
  /** Files applied by this call, in order. */
  readonly applied: readonly string[];
}

interface MigrationFile {
  readonly file: string;
  readonly sql: string;
  readonly sha256: string;
}

/** The database and the program do not fit together; the message names the file and the way out. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Brings one set of numbered `.sql` files up to date: each file once, in order, each in a transaction of its own.
 * Safe when several processes start at once (session advisory lock). `client` is a connection of the caller's own,
 * not inside a transaction, and without a time limit on statements.
 * @throws MigrationError when an applied file was altered, is unknown to this program, or a file fails.
 */
export async function migrate(client: ClientBase, set: MigrationSet): Promise<MigrationResult> {
  const files = await readMigrations(set);
  await client.query(
    `select set_config('lock_timeout', $1, false), set_config('statement_timeout', '0', false)`,
    [String(LOCK_WAIT_MS)],
  );
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK_KEY]);
    try {
      await client.query(platformSql('migrations-table.sql'));
      return { applied: await applyPending(client, set.name, files) };
    } finally {
      await client.query('select pg_advisory_unlock($1)', [LOCK_KEY]);
    }
  } finally {
    await client.query('reset lock_timeout');
    await client.query('reset statement_timeout');
  }
}

async function applyPending(
  client: ClientBase,
  name: string,
  files: readonly MigrationFile[],
): Promise<string[]> {
  const { rows } = await client.query<{ file: string; sha256: string }>(
    'select file, sha256 from platform.migrations where name = $1 order by file',
    [name],
  );
  const done = new Map(rows.map((row) => [row.file, row.sha256]));
  checkHistory(name, files, done);
  const applied: string[] = [];
  for (const file of files) {
    if (done.has(file.file)) continue;
    await applyOne(client, name, file);
    applied.push(file.file);
  }
  return applied;
}

function checkHistory(
  name: string,
  files: readonly MigrationFile[],
  done: ReadonlyMap<string, string>,
): void {
  const known = new Map(files.map((file) => [file.file, file.sha256]));
  for (const [file, sha256] of done) {
    const now = known.get(file);
    if (now === undefined) {
      throw new MigrationError(
        `The database has migration ${name}/${file}, which this program does not know: it was written by a newer version. Start that version, or restore a backup made before it.`,
      );
    }
    if (now !== sha256) {
      throw new MigrationError(
        `Migration ${name}/${file} was altered after it had been applied to this database (recorded SHA-256 ${sha256}, file ${now}). Restore the file and put the change into a new, higher numbered one.`,
      );
    }
  }
  const last = [...done.keys()].at(-1);
  const late = files.find((file) => last !== undefined && file.file < last && !done.has(file.file));
  if (late) {
    throw new MigrationError(
      `Migration ${name}/${late.file} is new but numbered before ${last ?? ''}, which this database already has. Give it the next free number.`,
    );
  }
}

async function applyOne(client: ClientBase, name: string, file: MigrationFile): Promise<void> {
  await client.query('begin');
  try {
    await client.query(file.sql);
    await client.query('insert into platform.migrations (name, file, sha256) values ($1, $2, $3)', [
      name,
      file.file,
      file.sha256,
    ]);
    await client.query('commit');
  } catch (cause) {
    // The connection itself may be what failed; its error is the one worth reporting.
    await client.query('rollback').catch(() => undefined);
    throw new MigrationError(
      `Migration ${name}/${file.file} failed and was rolled back: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

async function readMigrations(set: MigrationSet): Promise<MigrationFile[]> {
  const names = (await readdir(set.directory)).filter((file) => file.endsWith('.sql')).sort();
  const numbers = new Set<string>();
  for (const file of names) {
    if (!FILE_NAME.test(file)) {
      throw new MigrationError(
        `Migration ${set.name}/${file} has no valid name: expected four digits, a word and .sql, for example 0001_events.sql.`,
      );
    }
    const number = file.slice(0, 4);
    if (numbers.has(number)) {
      throw new MigrationError(`Two migrations of ${set.name} carry the number ${number}: renumber one.`);
    }
    numbers.add(number);
  }
  return Promise.all(
    names.map(async (file) => {
      // Line ends may change on a checkout; the statement does not.
      const sql = (await readFile(join(set.directory, file), 'utf8')).replaceAll('\r\n', '\n');
      return { file, sql, sha256: createHash('sha256').update(sql, 'utf8').digest('hex') };
    }),
  );
}
