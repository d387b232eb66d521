import type { Pool } from 'pg';
import { inTransaction } from '#libs/platform/transaction.js';
import { idOf, type NoteOf } from './note.js';
import { sendToEndpoints } from './webhooks/endpoints.js';
import { CREDITS_EXPIRING } from './webhooks/types.js';
import { writeNotes } from './write-notes.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
const PAGE_SIZE = 500;

/** Credits that lapse soon. */
export interface ExpiringLot {
  readonly userId: string;
  readonly lotId: string;
  /** Credits that are left and that no hold has reserved. */
  readonly free: bigint;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Knows which credits lapse when. */
export interface ExpiringLots {
  /** Lapsing after `after` and up to `until`, in the order of time, user and lot. */
  page(question: {
    readonly after: Pick<ExpiringLot, 'expiresAt' | 'userId' | 'lotId'>;
    readonly until: number;
    readonly limit: number;
  }): Promise<readonly ExpiringLot[]>;
}

export interface ExpiryScan {
  readonly pool: Pool;
  readonly lots: ExpiringLots;
  /** Days before they lapse. */
  readonly days: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** Tells users of all credits that lapse within the days, once a lot. Answers how many were told. */
export async function tellExpiring({ pool, lots, days, now, signal }: ExpiryScan): Promise<number> {
  // What lapses at this very moment has lapsed.
  let after = { expiresAt: now + 1, userId: '', lotId: '' };
  let told = 0;
  while (!signal.aborted) {
    const page = await lots.page({ after, until: now + days * DAY_MS, limit: PAGE_SIZE });
    told += await tellPage(pool, page, now);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_SIZE) break;
    after = last;
  }
  return told;
}

const noteOf = (
  { userId, lotId, free, expiresAt }: ExpiringLot,
  now: number,
): NoteOf<'credits_expiring'> => ({
  id: idOf('credits-expiring', userId, lotId),
  kind: 'credits_expiring',
  userId,
  at: now,
  data: { lotId, amount: String(free), expiresAt: new Date(expiresAt).toISOString() },
});

async function tellPage(pool: Pool, page: readonly ExpiringLot[], now: number): Promise<number> {
  const notes = await untold(
    pool,
    page.map((lot) => noteOf(lot, now)),
  );
  if (notes.length === 0) return 0;
  return inTransaction(pool, async (tx) => {
    // Remembered by itself: a user who wants to hear of it nowhere has no message that would say so.
    const { rows } = await tx.query<{ id: string }>({
      name: 'notifications-remember-told',
      text: `insert into notifications.told_lots (told_id, expires_at_ms)
        select * from unnest($1::uuid[], $2::bigint[]) on conflict do nothing returning told_id as id`,
      values: [notes.map(({ id }) => id), notes.map(({ data }) => Date.parse(data.expiresAt))],
    });
    const fresh = new Set(rows.map(({ id }) => id));
    const telling = notes.filter(({ id }) => fresh.has(id));
    await writeNotes(tx, telling, now);
    for (const { userId, id, data } of telling) {
      const timestamp = new Date(now).toISOString();
      const message = { type: CREDITS_EXPIRING, timestamp, data: { userId, ...data } };
      await sendToEndpoints(tx, { userId, key: id, message }, now);
    }
    return telling.length;
  });
}

/** Most lots were told of by an earlier scan: they cost no transaction. */
async function untold<N extends { readonly id: string }>(
  pool: Pool,
  notes: readonly N[],
): Promise<readonly N[]> {
  if (notes.length === 0) return notes;
  const { rows } = await pool.query<{ id: string }>({
    name: 'notifications-told-lots',
    text: 'select told_id as id from notifications.told_lots where told_id = any($1::uuid[])',
    values: [notes.map(({ id }) => id)],
  });
  const told = new Set(rows.map(({ id }) => id));
  return notes.filter(({ id }) => !told.has(id));
}
