import type { ClientBase } from 'pg';
import { idOf, type Note } from './note.js';
import type { EarningsOfDay } from './notes-of-event.js';
import { type Preferences, readPreferences, wantsMail } from './preferences.js';
import { statement } from './sql-file.js';

const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;
/** The same threshold crossed again so soon is shown in the app and not mailed. */
export const QUIET_LOW_BALANCE_MS = DAY_MS;
/** What happened longer ago is no news: it is shown in the app and not mailed. */
export const MAIL_AGE_MS_MAX = 3 * DAY_MS;
/** The last earnings of a day may come a little after its end. */
export const DAY_GRACE_MS = HOUR_MS / 6;

/** What was written of some notes. */
export interface Written {
  readonly inApp: number;
  readonly mails: number;
}

interface Row {
  readonly note: Note;
  readonly locale: string;
  readonly inApp: boolean;
  readonly mail: boolean;
  readonly quiet: boolean;
}

const INSERT_MESSAGES = statement('insert-messages');
const INSERT_MAILS = statement('insert-mails');
const ADD_TO_DAY = statement('add-to-creator-day');
const RECENT_LOW_BALANCES = statement('recent-low-balances');

/**
 * Writes what people are to be told, as they want it, and the mails that are to be sent. A note that is there already
 * is left alone, and so are its mails.
 */
export async function writeNotes(tx: ClientBase, notes: readonly Note[], now: number): Promise<Written> {
  if (notes.length === 0) return { inApp: 0, mails: 0 };
  const preferences = await readPreferences(
    tx,
    notes.map(({ userId }) => userId),
  );
  const rows: Row[] = [];
  for (const note of notes) {
    const row = await rowOf(tx, note, preferences.get(note.userId)!, now);
    if (row.inApp || row.mail) rows.push(row);
  }
  const made = await insertMessages(tx, rows, now);
  const isNew = rows.filter(({ note }) => made.has(note.id));
  const mails = isNew.filter(({ mail }) => mail).map(({ note }) => ({ ...note, dueAt: now }));
  await insertMails(tx, mails, now);
  return { inApp: isNew.filter(({ inApp }) => inApp).length, mails: mails.length };
}

async function rowOf(tx: ClientBase, note: Note, preferences: Preferences, now: number): Promise<Row> {
  const { kind, campaign } = note;
  const may = (channel: string): boolean => campaign?.channels.includes(channel) ?? true;
  const quiet = kind === 'low_balance' && (await saidBefore(tx, note));
  const isNews = now - note.at <= MAIL_AGE_MS_MAX;
  return {
    note,
    locale: preferences.locale,
    inApp: may('inApp') && preferences.channels[kind].inApp,
    mail: may('email') && !quiet && isNews && wantsMail(preferences, kind),
    quiet,
  };
}

async function saidBefore(
  tx: ClientBase,
  { id, userId, at, data }: Extract<Note, { readonly kind: 'low_balance' }>,
): Promise<boolean> {
  const values = [userId, at - QUIET_LOW_BALANCE_MS, at, data.threshold, id];
  const { rowCount } = await tx.query({ ...RECENT_LOW_BALANCES, values });
  return rowCount! > 0;
}

async function insertMessages(
  tx: ClientBase,
  rows: readonly Row[],
  now: number,
): Promise<ReadonlySet<string>> {
  if (rows.length === 0) return new Set();
  const column = <T>(of: (row: Row) => T): T[] => rows.map(of);
  const { rows: made } = await tx.query<{ message_id: string }>({
    ...INSERT_MESSAGES,
    values: [
      now,
      column(({ note }) => note.id),
      column(({ note }) => note.at),
      column(({ inApp }) => inApp),
      column(({ quiet }) => quiet),
      column(({ note }) => note.userId),
      column(({ note }) => note.kind),
      column(({ locale }) => locale),
      column(({ note }) => note.campaign?.id ?? null),
      column(({ note }) => JSON.stringify(note.data)),
    ],
  });
  return new Set(made.map(({ message_id: id }) => id));
}

/** The one mail of a notification. */
export const mailIdOf = (messageId: string): string => idOf('mail', messageId);

async function insertMails(
  tx: ClientBase,
  mails: readonly { readonly id: string; readonly userId: string; readonly dueAt: number }[],
  now: number,
): Promise<void> {
  if (mails.length === 0) return;
  await tx.query({
    ...INSERT_MAILS,
    values: [
      now,
      mails.map(({ id }) => mailIdOf(id)),
      mails.map(({ dueAt }) => dueAt),
      mails.map(({ userId }) => userId),
      mails.map(({ id }) => id),
    ],
  });
}

/**
 * Adds an earning to the creator's day: one notification, shown at once and growing, and one mail, which is due when the
 * day is over. Not repeatable: who calls this remembers the event in the same transaction, and brings those of one
 * creator one after another.
 */
export async function addToDay(tx: ClientBase, earnings: EarningsOfDay, now: number): Promise<void> {
  const { id, earned, runs, flows, reversed, refunds } = earnings;
  const values = [now, id, String(earned), runs, flows, String(reversed), refunds];
  const { rowCount } = await tx.query({ ...ADD_TO_DAY, values });
  if (rowCount === 0) await beginDay(tx, earnings, now);
}

async function beginDay(tx: ClientBase, earnings: EarningsOfDay, now: number): Promise<void> {
  const { id, userId, day, at, earned, runs, flows, reversed, refunds } = earnings;
  const preferences = (await readPreferences(tx, [userId])).get(userId)!;
  const data = { day, earned: String(earned), runs, flows, reversed: String(reversed), refunds };
  const { locale, channels } = preferences;
  const { inApp } = channels.creator_earnings;
  const note: Note = { id, kind: 'creator_earnings', userId, at, data };
  await insertMessages(tx, [{ note, locale, inApp, mail: false, quiet: false }], now);
  const dueAt = at + DAY_MS + DAY_GRACE_MS;
  if (now - dueAt > MAIL_AGE_MS_MAX || !wantsMail(preferences, 'creator_earnings')) return;
  await insertMails(tx, [{ id, userId, dueAt: Math.max(dueAt, now) }], now);
}
