import type pg from 'pg';
import { readCheckpoints } from '#libs/projection-runner/checkpoints.js';

/** Head of the log and the position that every projection has reached. */
export async function sampleProgress(database: pg.Pool): Promise<{ head: bigint; projected: bigint }> {
  const { rows } = await database.query<{ head: string }>(
    'select coalesce((select position from log.events order by position desc limit 1), 0)::text as head',
  );
  const positions = (await readCheckpoints(database)).map(({ position }) => position);
  return {
    head: BigInt(rows[0]!.head),
    projected: positions.reduce((least, position) => (position < least ? position : least)),
  };
}

/** Number of clearing accounts that are not zero: creator shares on their way. */
export async function clearingOpen(database: pg.Pool): Promise<number> {
  const { rows } = await database.query<{ open: number }>(
    `select count(*)::int as open from read.accounts where account like 'clearing:%' and balance <> 0`,
  );
  return rows[0]!.open;
}
