import type { Client } from 'pg';
import type { Position } from '#libs/event-store/port.js';
import type { Projection } from './projection.js';
import { runnerSql } from './sql-file.js';
import { inTransaction } from './transaction.js';

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const SQL = {
  checkpointTable: runnerSql('checkpoint-table.sql'),
  insertCheckpoint: runnerSql('insert-checkpoint.sql'),
  liveCopy: runnerSql('live-copy.sql'),
  liveNames: runnerSql('live-names.sql'),
  readCheckpoint: runnerSql('read-checkpoint.sql'),
  registerCopy: runnerSql('register-copy.sql'),
  makeLive: runnerSql('make-live.sql'),
  lockCopies: runnerSql('lock-copies.sql'),
  retireCopy: runnerSql('retire-copy.sql'),
  emptyCheckpoint: runnerSql('empty-checkpoint.sql'),
  unusedCopies: runnerSql('unused-copies.sql'),
  forgetCopy: runnerSql('forget-copy.sql'),
};

/** One copy of a projection's tables. */
export interface Copy {
  readonly copy: number;
  readonly version: number;
  /** Schema that holds its tables. */
  readonly schema: string;
}

export interface Checkpoint {
  readonly logId: string;
  readonly position: Position;
  /** When the store recorded the event at `position`, milliseconds since the epoch; 0 before the first. */
  readonly recordedAt: number;
}

/** `prompt-runs` as part of a Postgres name. @throws when the name is not lower-case words with dashes. */
export function sqlName(projection: string): string {
  if (!NAME.test(projection)) {
    throw new Error(
      `Projection name "${projection}" must be lower-case words with dashes, for example prompt-runs.`,
    );
  }
  return projection.replaceAll('-', '_');
}

export const schemaOf = (projection: string, copy: number): string => `p_${sqlName(projection)}_${copy}`;

/** The copy that readers see; undefined before the first start. */
export async function liveCopyOf(client: Client, projection: string): Promise<Copy | undefined> {
  const { rows } = await client.query<{ copy: number; version: number }>(SQL.liveCopy, [projection]);
  const [row] = rows;
  return row && { ...row, schema: schemaOf(projection, row.copy) };
}

/** From now on the connection's statements are about this copy. */
export async function enterCopy(client: Client, { schema }: Copy): Promise<void> {
  await client.query(`set search_path to ${schema}, pg_temp`);
}

/** The checkpoint of the copy entered; undefined when the copy was swapped out. */
export async function checkpointOf(client: Client, lock?: 'for update'): Promise<Checkpoint | undefined> {
  const text = `${SQL.readCheckpoint} ${lock ?? ''}`;
  const { rows } = await client.query<{ log_id: string; position: string; recorded_at_ms: string }>(text);
  const [row] = rows;
  return (
    row && {
      logId: row.log_id,
      position: BigInt(row.position),
      recordedAt: Number(row.recorded_at_ms),
    }
  );
}

/** Makes an empty copy, not yet seen by readers, and enters it. */
export async function createCopy(client: Client, projection: Projection, logId: string): Promise<Copy> {
  return inTransaction(client, async () => {
    await client.query(SQL.lockCopies);
    return createTables(client, projection, logId);
  });
}

async function createTables(client: Client, projection: Projection, logId: string): Promise<Copy> {
  const { name, version } = projection;
  const { rows } = await client.query<{ copy: number }>(SQL.registerCopy, [name, version]);
  const { copy } = rows[0]!;
  const made = { copy, version, schema: schemaOf(name, copy) };
  await client.query(`create schema ${made.schema}`);
  await enterCopy(client, made);
  await client.query(SQL.checkpointTable);
  await client.query(SQL.insertCheckpoint, [logId]);
  await client.query(projection.schemaSql);
  return made;
}

/**
 * Lets readers see the copy that was entered. Views are replaced in the order in which queries name them, checkpoint
 * first: a swap and a reader then wait for each other in one direction only.
 */
async function publishCopy(client: Client, projection: Projection, copy: Copy): Promise<void> {
  await client.query(SQL.makeLive, [projection.name, copy.copy]);
  await client.query(
    `create or replace view read.${sqlName(projection.name)}_checkpoint as ` +
      'select log_id, position, recorded_at_ms, events from checkpoint',
  );
  await client.query(projection.viewsSql);
}

/**
 * Makes the first copy, empty and live, of every projection that has none, so that readers find their views from the
 * first start on. Safe when several processes start at once.
 */
export async function ensureCopies(
  client: Client,
  projections: readonly Projection[],
  logId: string,
): Promise<void> {
  await inTransaction(client, async () => {
    await client.query(SQL.lockCopies);
    let made = false;
    for (const projection of projections) {
      if ((await liveCopyOf(client, projection.name)) !== undefined) continue;
      await publishCopy(client, projection, await createTables(client, projection, logId));
      made = true;
    }
    if (made) await publishCheckpoints(client);
  });
}

/**
 * Readers see `next` instead of `old`; whoever writes `old` finds no checkpoint there and looks for the live copy.
 * Views are replaced, not dropped, so grants and what hangs on them stay. Inside a transaction of the caller's.
 */
export async function swapCopies(
  client: Client,
  projection: Projection,
  old: Copy,
  next: Copy,
): Promise<void> {
  await enterCopy(client, old);
  await client.query(SQL.emptyCheckpoint);
  await client.query(SQL.retireCopy, [projection.name, old.copy]);
  await enterCopy(client, next);
  await publishCopy(client, projection, next);
}

/** Drops copies that a swap has retired or that a rebuild has left unfinished. The caller holds the rebuild lock. */
export async function dropUnusedCopies(client: Client, projection: string): Promise<void> {
  const { rows } = await client.query<{ copy: number }>(SQL.unusedCopies, [projection]);
  for (const { copy } of rows) {
    await inTransaction(client, async () => {
      await client.query(`drop schema if exists ${schemaOf(projection, copy)} cascade`);
      await client.query(SQL.forgetCopy, [projection, copy]);
    });
  }
}

/** `read.checkpoints` over the checkpoint view of each projection: a swap replaces those, never this one. */
async function publishCheckpoints(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(SQL.liveNames);
  const each = rows.map(
    ({ name }) =>
      `select '${name}'::text as name, log_id, position, recorded_at_ms, events from read.${sqlName(name)}_checkpoint`,
  );
  await client.query(`create or replace view read.checkpoints as ${each.join(' union all ')}`);
}
