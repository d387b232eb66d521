import type { Locale } from './kinds.js';
import type { Queryable } from './preferences.js';
import { statement } from './sql-file.js';
import { bodyOf, type StoredNote, textOf } from './texts/render.js';

/** A notification as the app shows it. Times in milliseconds since the epoch. */
export interface InboxMessage {
  readonly seq: bigint;
  readonly id: string;
  readonly kind: StoredNote['kind'];
  readonly title: string;
  readonly body: string;
  readonly data: StoredNote['data'];
  /** When it happened. */
  readonly at: number;
  readonly readAt: number | undefined;
}

interface Columns {
  readonly seq: string;
  readonly message_id: string;
  readonly kind: StoredNote['kind'];
  readonly data: StoredNote['data'];
  readonly at_ms: string;
  readonly read_at_ms: string | null;
  readonly locale: Locale;
}

const LIST = statement('list-messages');

export interface InboxFilter {
  readonly userId: string;
  readonly unread: boolean;
  readonly limit: number;
  /** `seq` of the last one of the page before. */
  readonly after?: bigint;
}

/** A page, the newest first. */
export async function listInbox(
  db: Queryable,
  { userId, unread, limit, after }: InboxFilter,
): Promise<readonly InboxMessage[]> {
  const { rows } = await db.query<Columns>({
    ...LIST,
    values: [userId, after?.toString() ?? null, unread, limit],
  });
  return rows.map(({ seq, message_id: id, kind, data, at_ms: at, read_at_ms: readAt, locale }) => {
    const text = textOf({ kind, data } as StoredNote, locale);
    return {
      seq: BigInt(seq),
      id,
      kind,
      title: text.title,
      body: bodyOf(text),
      data,
      at: Number(at),
      readAt: readAt === null ? undefined : Number(readAt),
    };
  });
}

export async function countUnread(db: Queryable, userId: string): Promise<number> {
  const { rows } = await db.query<{ unread: number }>({
    name: 'notifications-count-unread',
    text: `select count(*)::int as unread from notifications.messages
      where user_id = $1 and in_app and read_at_ms is null`,
    values: [userId],
  });
  return rows[0]!.unread;
}

/** When it was read first; undefined when the user has no such notification. */
export async function markRead(
  db: Queryable,
  { userId, messageId }: { readonly userId: string; readonly messageId: string },
  now: number,
): Promise<number | undefined> {
  const { rows } = await db.query<{ read_at_ms: string }>({
    name: 'notifications-mark-read',
    text: `update notifications.messages set read_at_ms = coalesce(read_at_ms, $3)
      where message_id = $2 and user_id = $1 and in_app
      returning read_at_ms`,
    values: [userId, messageId, now],
  });
  const [row] = rows;
  return row === undefined ? undefined : Number(row.read_at_ms);
}
