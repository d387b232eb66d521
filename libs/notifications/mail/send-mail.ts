import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { type ClaimedMail, endAttempt, putBack } from '../deliveries.js';
import { markBounced, type Preferences, readPreferences, wantsMail } from '../preferences.js';
import { MAIL_SCHEDULE, pauseAfter } from '../retry.js';
import { composeMail } from './compose.js';
import { mailFault } from './fault.js';
import type { MailTransport } from './transport.js';

/** All steps of the talk with a server together; shorter than a lease. */
const SEND_TIMEOUT_MS = 45_000;
/** While no mail gets through. */
export const SERVER_PAUSE_MS = 30_000;
/** A mail that could not even be offered for so long is no news any more. */
export const MAIL_WAIT_MS_MAX = 3 * 24 * 60 * 60 * 1_000;

export interface MailSending {
  readonly pool: Pool;
  readonly transport: MailTransport;
  /** Sender of all mails. */
  readonly from: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export type MailResult =
  | { readonly kind: 'delivered' | 'failed' | 'cancelled' | 'later' }
  /** No mail gets through at present; nothing is to be offered for a while. */
  | { readonly kind: 'server'; readonly detail: string };

/** One try of one mail, and its record. Address and wishes are those of this moment. */
export async function sendMail(sending: MailSending, mail: ClaimedMail): Promise<MailResult> {
  const { pool, now } = sending;
  const preferences = (await readPreferences(pool, [mail.userId])).get(mail.userId)!;
  const to = preferences.email;
  if (to === undefined || mail.calledOff || !wantsMail(preferences, mail.note.kind)) {
    const reason = mail.calledOff ? 'campaign_cancelled' : whyNot(preferences);
    const next = { state: 'cancelled', reason } as const;
    await endAttempt(pool, mail, { outcome: 'cancelled', durationMs: 0, next }, now());
    return { kind: 'cancelled' };
  }
  const began = performance.now();
  const error = await offer(sending, mail, to);
  const durationMs = Math.round(performance.now() - began);
  if (error === undefined) {
    const ended = { outcome: 'delivered', durationMs, next: { state: 'delivered' } } as const;
    await endAttempt(pool, mail, ended, now());
    return { kind: 'delivered' };
  }
  return failed(sending, { mail, to, error, durationMs });
}

const whyNot = ({ email, bouncedAt }: Preferences): string =>
  email === undefined ? 'no_address' : bouncedAt === undefined ? 'not_wanted' : 'address_refused';

/** What went wrong; undefined when the server has taken the mail. */
async function offer({ transport, from }: MailSending, mail: ClaimedMail, to: string): Promise<unknown> {
  const { deliveryId, note, locale, at } = mail;
  const over = new AbortController();
  const late = sleep(SEND_TIMEOUT_MS, undefined, { signal: over.signal }).then(
    () => new Error(`The mail server took longer than ${SEND_TIMEOUT_MS / 1_000} s.`),
    () => undefined,
  );
  const sent = transport.send(composeMail({ deliveryId, note, locale, at, to, from })).then(
    () => undefined,
    (error: unknown) => error,
  );
  const error = await Promise.race([sent, late]);
  over.abort();
  return error;
}

interface Failed {
  readonly mail: ClaimedMail;
  readonly to: string;
  readonly error: unknown;
  readonly durationMs: number;
}

async function failed(
  { pool, now }: MailSending,
  { mail, to, error, durationMs }: Failed,
): Promise<MailResult> {
  const t = now();
  const { kind, detail, ...answered } = mailFault(error);
  const tried = { ...answered, detail, durationMs };
  if (kind === 'address_refused') await markBounced(pool, { userId: mail.userId, email: to }, t);
  if (kind === 'address_refused' || kind === 'mail_refused') {
    await endAttempt(
      pool,
      mail,
      { ...tried, outcome: 'refused', next: { state: 'failed', reason: kind } },
      t,
    );
    return { kind: 'failed' };
  }
  const tooOld = t - mail.createdAt > MAIL_WAIT_MS_MAX;
  if (kind === 'server' && !tooOld) {
    await putBack(pool, mail, t + SERVER_PAUSE_MS);
    return { kind, detail };
  }
  const pause = tooOld ? undefined : pauseAfter(MAIL_SCHEDULE, mail.attempt);
  const next =
    pause === undefined
      ? ({ state: 'failed', reason: 'gave_up' } as const)
      : ({ state: 'waiting', dueAt: t + pause } as const);
  await endAttempt(pool, mail, { ...tried, outcome: 'failed', next }, t);
  return { kind: pause === undefined ? 'failed' : 'later' };
}
