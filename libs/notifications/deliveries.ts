import type { Pool } from 'pg';
import type { Locale } from './kinds.js';
import type { Queryable } from './preferences.js';
import { statement } from './sql-file.js';
import type { StoredNote } from './texts/render.js';

/** One try of a delivery that this process has in hand. */
interface Claimed {
  readonly deliveryId: string;
  /** Whose hand it is in. */
  readonly lease: string;
  /** This try is the how manieth, from 1. */
  readonly attempt: number;
  /** Of the delivery, milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface ClaimedMail extends Claimed {
  readonly userId: string;
  readonly note: StoredNote;
  readonly at: number;
  readonly locale: Locale;
  /** Its campaign was cancelled while another process had it in hand. */
  readonly calledOff: boolean;
}

export interface ClaimedWebhook extends Claimed {
  readonly endpointId: string;
  readonly url: string;
  /** All that are valid now, the newest first. */
  readonly secrets: readonly string[];
  readonly body: string;
}

export interface Claim {
  readonly lease: string;
  /** Milliseconds since the epoch; what is claimed may be claimed again at `until`. */
  readonly now: number;
  readonly until: number;
  readonly limit: number;
}

/** What a try came to, and what becomes of the delivery. */
export interface Ended {
  /** A word for the history: delivered, refused, failed, timeout, ... */
  readonly outcome: string;
  readonly status?: number;
  /** For the owner's eyes: no personal data. */
  readonly detail?: string;
  readonly durationMs: number;
  /** Ended for good, or to be tried again. */
  readonly next:
    | { readonly state: 'delivered' }
    | { readonly state: 'failed' | 'cancelled'; readonly reason: string }
    | { readonly state: 'waiting'; readonly dueAt: number };
}

interface ClaimedColumns {
  readonly delivery_id: string;
  readonly attempts: number;
  readonly created_at_ms: string;
}

interface MailColumns extends ClaimedColumns {
  readonly user_id: string;
  readonly kind: StoredNote['kind'];
  readonly data: StoredNote['data'];
  readonly at_ms: string;
  readonly locale: Locale;
  readonly called_off: boolean;
}

interface WebhookColumns extends ClaimedColumns {
  readonly endpoint_id: string;
  readonly url: string;
  readonly secrets: string[];
  readonly body: string;
}

const ANY_DUE = statement('any-due');
const CLAIM_MAILS = statement('claim-mails');
const CLAIM_WEBHOOKS = statement('claim-webhooks');
const END_ATTEMPT = statement('end-attempt');
const PUT_BACK = statement('put-back');

export async function anyDue(
  db: Queryable,
  now: number,
): Promise<{ readonly mails: boolean; readonly webhooks: boolean }> {
  const { rows } = await db.query<{ mails: boolean; webhooks: boolean }>({ ...ANY_DUE, values: [now] });
  return rows[0]!;
}

export async function claimMails(
  pool: Pool,
  { lease, now, until, limit }: Claim,
): Promise<readonly ClaimedMail[]> {
  const { rows } = await pool.query<MailColumns>({ ...CLAIM_MAILS, values: [now, until, lease, limit] });
  return rows.map((row) => ({
    ...claimed(row, lease),
    userId: row.user_id,
    note: { kind: row.kind, data: row.data } as StoredNote,
    at: Number(row.at_ms),
    locale: row.locale,
    calledOff: row.called_off,
  }));
}

export interface WebhookClaim extends Claim {
  readonly perEndpoint: number;
  /** Endpoints that have enough in hand. */
  readonly except: readonly string[];
}

export async function claimWebhooks(
  pool: Pool,
  { lease, now, until, limit, perEndpoint, except }: WebhookClaim,
): Promise<readonly ClaimedWebhook[]> {
  const values = [now, until, lease, limit, perEndpoint, [...except]];
  const { rows } = await pool.query<WebhookColumns>({ ...CLAIM_WEBHOOKS, values });
  return rows.map((row) => ({
    ...claimed(row, lease),
    endpointId: row.endpoint_id,
    url: row.url,
    secrets: row.secrets,
    body: row.body,
  }));
}

const claimed = (row: ClaimedColumns, lease: string): Claimed => ({
  deliveryId: row.delivery_id,
  lease,
  attempt: row.attempts,
  createdAt: Number(row.created_at_ms),
});

/** Records a try. False when the delivery was no longer in this hand: only the try itself is then noted. */
export async function endAttempt(
  db: Queryable,
  { deliveryId, lease, attempt }: Claimed,
  { outcome, status, detail, durationMs, next }: Ended,
  now: number,
): Promise<boolean> {
  const waiting = next.state === 'waiting';
  const { rowCount } = await db.query({
    ...END_ATTEMPT,
    values: [
      deliveryId,
      lease,
      attempt,
      outcome,
      status ?? null,
      detail ?? null,
      durationMs,
      next.state,
      'reason' in next ? next.reason : null,
      waiting ? next.dueAt : null,
      waiting ? null : now,
    ],
  });
  return rowCount === 1;
}

/** Gives back a delivery whose try did not get as far as to be one. */
export async function putBack(
  db: Queryable,
  { deliveryId, lease, attempt }: Claimed,
  dueAt: number,
): Promise<void> {
  await db.query({ ...PUT_BACK, values: [deliveryId, lease, attempt, dueAt] });
}
