import type { ClientBase, Pool } from 'pg';
import {
  type Channels,
  DEFAULT_CHANNELS,
  DEFAULT_LOCALE,
  type Locale,
  LOCALES,
  NOTE_KINDS,
  type NoteKind,
} from './kinds.js';
import { statement } from './sql-file.js';

/** A pool, or a client inside a transaction. */
export type Queryable = Pick<Pool, 'query'> | Pick<ClientBase, 'query'>;

/** How a user wants to be reached. */
export interface Preferences {
  readonly userId: string;
  /** Personal data: shown to its owner and used to send, never logged or copied. */
  readonly email: string | undefined;
  /** Whether a service has vouched for the address. */
  readonly emailVerified: boolean;
  /** The address was refused for good, milliseconds since the epoch: nothing is sent to it. */
  readonly bouncedAt: number | undefined;
  readonly locale: Locale;
  readonly channels: Readonly<Record<NoteKind, Channels>>;
}

/** What a user has chosen, by kind; the rest is as the defaults say. */
export type ChosenChannels = Readonly<Partial<Record<NoteKind, Partial<Channels>>>>;

export interface NewPreferences extends Pick<Preferences, 'userId' | 'email' | 'emailVerified' | 'locale'> {
  readonly channels: ChosenChannels;
}

interface Columns {
  readonly user_id: string;
  readonly email: string | null;
  readonly email_verified: boolean;
  readonly bounced_at_ms: string | null;
  readonly locale: string;
  readonly channels: ChosenChannels;
}

const READ = statement('read-contacts');
const PUT = statement('put-contact');

/** Of each user, also of those who have never chosen. */
export async function readPreferences(
  db: Queryable,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, Preferences>> {
  const { rows } = await db.query<Columns>({ ...READ, values: [[...userIds]] });
  const found = new Map(rows.map((row) => [row.user_id, preferencesOf(row)]));
  return new Map(userIds.map((userId) => [userId, found.get(userId) ?? defaultsOf(userId)]));
}

/** Replaces all that a user has chosen. Without an address the former one is erased. */
export async function putPreferences(
  db: Queryable,
  chosen: NewPreferences,
  now: number,
): Promise<Preferences> {
  const { userId, email, emailVerified, locale, channels } = chosen;
  const values = [userId, email ?? null, emailVerified, locale, JSON.stringify(channels), now];
  const { rows } = await db.query<Columns>({ ...PUT, values });
  return preferencesOf(rows[0]!);
}

/** The address was refused for good; unless it is another one by now. */
export async function markBounced(
  db: Queryable,
  { userId, email }: { readonly userId: string; readonly email: string },
  now: number,
): Promise<void> {
  await db.query({
    name: 'notifications-mark-bounced',
    text: 'update notifications.contacts set bounced_at_ms = coalesce(bounced_at_ms, $3) where user_id = $1 and email = $2',
    values: [userId, email, now],
  });
}

function preferencesOf(row: Columns): Preferences {
  return {
    userId: row.user_id,
    email: row.email ?? undefined,
    emailVerified: row.email_verified,
    bouncedAt: row.bounced_at_ms === null ? undefined : Number(row.bounced_at_ms),
    locale: LOCALES.find((each) => each === row.locale) ?? DEFAULT_LOCALE,
    channels: channelsOf(row.channels),
  };
}

const defaultsOf = (userId: string): Preferences => ({
  userId,
  email: undefined,
  emailVerified: false,
  bouncedAt: undefined,
  locale: DEFAULT_LOCALE,
  channels: DEFAULT_CHANNELS,
});

const channelsOf = (chosen: ChosenChannels): Readonly<Record<NoteKind, Channels>> =>
  Object.fromEntries(
    NOTE_KINDS.map((kind) => [kind, { ...DEFAULT_CHANNELS[kind], ...chosen[kind] }]),
  ) as Record<NoteKind, Channels>;

/** Whether a mail of this kind may go to the user now. */
export const wantsMail = ({ email, bouncedAt, channels }: Preferences, kind: NoteKind): boolean =>
  email !== undefined && bouncedAt === undefined && channels[kind].email;
