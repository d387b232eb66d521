import type { Client } from 'pg';
import { type TableWrite, writesOf } from './batch.js';
import type { Checkpoint, Copy } from './copies.js';
import { copyIn } from './copy-in.js';
import { ChangeMissedError, CheckpointMovedError } from './errors.js';
import type { Projection } from './projection.js';
import { runnerSql } from './sql-file.js';
import { inTransaction } from './transaction.js';
import { Turnstile } from '#libs/platform/turnstile.js';
import type { Window } from './window.js';

const MOVE_CHECKPOINT = runnerSql('move-checkpoint.sql');

/**
 * Writes what a window means for a projection, and its checkpoint, in one transaction on the copy entered.
 * @throws CheckpointMovedError when the checkpoint is not where the window begins; nothing is written then
 */
export async function writeWindow(
  client: Client,
  projection: Projection,
  { copy, logId }: Copy & Pick<Checkpoint, 'logId'>,
  window: Window,
  turnstile = new Turnstile(1),
): Promise<void> {
  const writes = await writesOf(projection, window.events);
  // The checkpoint alone is a transaction by itself.
  if (writes.length === 0) return moveCheckpoint(client, projection, { copy, logId }, window);
  await turnstile.pass(() =>
    inTransaction(client, async () => {
      // The checkpoint first: a second writer fails before it has written anything.
      await moveCheckpoint(client, projection, { copy, logId }, window);
      for (const write of writes) await apply(client, projection, copy, write);
    }),
  );
}

async function moveCheckpoint(
  client: Client,
  { name }: Projection,
  { copy, logId }: { readonly copy: number; readonly logId: string },
  { after, checkpoint, events }: Window,
): Promise<void> {
  const moved = await client.query({
    name: `${name}-${copy}-checkpoint`,
    text: MOVE_CHECKPOINT,
    values: [logId, after, checkpoint, events.at(-1)?.recordedAt ?? 0, events.length],
  });
  if (moved.rowCount !== 1) throw new CheckpointMovedError(name, after);
}

async function apply(client: Client, { name }: Projection, copy: number, write: TableWrite): Promise<void> {
  const { table } = write;
  if (write.kind === 'copy') {
    const columns = table.fields.map(columnOf).join(', ');
    return copyIn(client, `${table.name} (${columns})`, write.lines);
  }
  const done = await client.query({
    name: `${name}-${copy}-${table.name}`,
    text: write.sql,
    values: [...write.arrays],
  });
  if (done.rowCount !== write.keys)
    throw new ChangeMissedError(name, table.name, write.keys, done.rowCount ?? 0);
}

const columnOf = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
