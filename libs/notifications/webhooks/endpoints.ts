import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { idOf } from '../note.js';
import type { Queryable } from '../preferences.js';
import { statement } from '../sql-file.js';
import { writeNotes } from '../write-notes.js';
import { newSecret } from './signing.js';
import { shownUrl } from './target.js';
import { WEBHOOK_TEST, type WebhookMessage } from './types.js';

const HOUR_MS = 60 * 60 * 1_000;
/** A replaced secret goes on signing, beside the new one, until its receivers have changed. */
export const OLD_SECRET_MS = 24 * HOUR_MS;
/** An endpoint that all tries of so long have failed at is switched off. */
export const FAILING_MS_MAX = 5 * 24 * HOUR_MS;
/** What was there when something happened is told by two clocks. */
const CLOCK_SLACK_MS = 2_000;
/** More than one person can look after. */
export const ENDPOINTS_MAX = 10;

/** A receiver of webhooks, without its secrets. Times in milliseconds since the epoch. */
export interface Endpoint {
  readonly endpointId: string;
  readonly url: string;
  readonly types: readonly string[];
  readonly state: 'active' | 'disabled';
  readonly disabledFor: 'failing' | 'gone' | undefined;
  readonly createdAt: number;
  /** First failure since the last success. */
  readonly failingSince: number | undefined;
  readonly disabledAt: number | undefined;
  /** Until when the replaced secret still signs. */
  readonly oldSecretUntil: number | undefined;
}

/** A secret that was made: shown to the owner once. */
export interface MadeSecret {
  readonly secretId: string;
  readonly secret: string;
}

interface Columns {
  readonly endpoint_id: string;
  readonly url: string;
  readonly types: string[];
  readonly state: Endpoint['state'];
  readonly disabled_for: NonNullable<Endpoint['disabledFor']> | null;
  readonly created_at_ms: string;
  readonly failing_since_ms: string | null;
  readonly disabled_at_ms: string | null;
  readonly old_secret_until_ms: string | null;
}

const LIST = statement('list-endpoints');
const INSERT_DELIVERIES = statement('insert-webhook-deliveries');
const FAILED = statement('endpoint-failed');
const FAIL_WAITING = statement('fail-waiting');

const numberOf = (text: string | null): number | undefined => (text === null ? undefined : Number(text));

/** The user's endpoints, or the one asked for if it is theirs. */
export async function listEndpoints(
  db: Queryable,
  { userId, endpointId }: { readonly userId: string; readonly endpointId?: string },
  now: number,
): Promise<readonly Endpoint[]> {
  const { rows } = await db.query<Columns>({ ...LIST, values: [userId, endpointId ?? null, now] });
  return rows.map((row) => ({
    endpointId: row.endpoint_id,
    url: row.url,
    types: row.types,
    state: row.state,
    disabledFor: row.disabled_for ?? undefined,
    createdAt: Number(row.created_at_ms),
    failingSince: numberOf(row.failing_since_ms),
    disabledAt: numberOf(row.disabled_at_ms),
    oldSecretUntil: numberOf(row.old_secret_until_ms),
  }));
}

export interface NewEndpoint {
  readonly userId: string;
  readonly url: string;
  readonly types: readonly string[];
}

/** Undefined when the user has as many as there may be. */
export async function createEndpoint(
  tx: ClientBase,
  { userId, url, types }: NewEndpoint,
  now: number,
): Promise<{ readonly endpointId: string; readonly made: MadeSecret } | undefined> {
  // Two at once must not both count one less than there are.
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('webhooks:' || $1, 0))`, [userId]);
  const known = await listEndpoints(tx, { userId }, now);
  if (known.length >= ENDPOINTS_MAX) return undefined;
  const endpointId = randomUUID();
  await tx.query({
    name: 'notifications-insert-endpoint',
    text: `insert into notifications.endpoints (endpoint_id, created_at_ms, state, user_id, url, types)
      values ($1, $2, 'active', $3, $4, $5)`,
    values: [endpointId, now, userId, url, [...types]],
  });
  return { endpointId, made: await makeSecret(tx, endpointId, now) };
}

/** A new secret; the one before signs beside it for a day, older ones no more. */
export async function rotateSecret(tx: ClientBase, endpointId: string, now: number): Promise<MadeSecret> {
  await tx.query({
    name: 'notifications-drop-secrets',
    text: 'delete from notifications.endpoint_secrets where endpoint_id = $1 and valid_until_ms is not null',
    values: [endpointId],
  });
  await tx.query({
    name: 'notifications-retire-secret',
    text: 'update notifications.endpoint_secrets set valid_until_ms = $2 where endpoint_id = $1',
    values: [endpointId, now + OLD_SECRET_MS],
  });
  return makeSecret(tx, endpointId, now);
}

async function makeSecret(tx: ClientBase, endpointId: string, now: number): Promise<MadeSecret> {
  const made = { secretId: randomUUID(), secret: newSecret() };
  await tx.query({
    name: 'notifications-insert-secret',
    text: `insert into notifications.endpoint_secrets (secret_id, endpoint_id, created_at_ms, secret)
      values ($1, $2, $3, $4)`,
    values: [made.secretId, endpointId, now, made.secret],
  });
  return made;
}

/** The secret itself while it is valid: for the repeat of the request that made it. */
export async function secretOf(db: Queryable, secretId: string): Promise<string | undefined> {
  const { rows } = await db.query<{ secret: string }>({
    name: 'notifications-secret-of',
    text: 'select secret from notifications.endpoint_secrets where secret_id = $1',
    values: [secretId],
  });
  return rows[0]?.secret;
}

/** With all that was sent to it. */
export async function deleteEndpoint(tx: ClientBase, endpointId: string): Promise<void> {
  await tx.query('delete from notifications.endpoints where endpoint_id = $1', [endpointId]);
}

/** As if it had never failed. */
export async function enableEndpoint(tx: ClientBase, endpointId: string): Promise<void> {
  await tx.query({
    name: 'notifications-enable-endpoint',
    text: `update notifications.endpoints
      set state = 'active', failing_since_ms = null, disabled_at_ms = null, disabled_for = null
      where endpoint_id = $1`,
    values: [endpointId],
  });
}

/** Something to be sent to whoever asks for it. */
export interface ToEndpoints {
  readonly userId: string;
  /** The same key is sent to an endpoint once. */
  readonly key: string;
  readonly message: WebhookMessage;
}

/**
 * Puts a message on its way to all endpoints of its owner that ask for its type and were there when it happened. Answers
 * to how many.
 */
export async function sendToEndpoints(
  tx: ClientBase,
  { userId, key, message }: ToEndpoints,
  now: number,
): Promise<number> {
  const { rows } = await tx.query<{ endpoint_id: string }>({
    name: 'notifications-endpoints-for',
    text: `select endpoint_id from notifications.endpoints
      where user_id = $1 and state = 'active' and types @> array[$2] and created_at_ms <= $3`,
    values: [userId, message.type, Date.parse(message.timestamp) + CLOCK_SLACK_MS],
  });
  if (rows.length === 0) return 0;
  const endpoints = rows.map((row) => row.endpoint_id);
  await insertDeliveries(
    tx,
    { userId, message, endpoints, idFor: (endpoint) => idOf('webhook', key, endpoint) },
    now,
  );
  return endpoints.length;
}

/** Those of the users who have any endpoint that is active. */
export async function usersWithEndpoints(
  tx: ClientBase,
  users: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  if (users.size === 0) return users;
  const { rows } = await tx.query<{ user_id: string }>({
    name: 'notifications-users-with-endpoints',
    text: `select distinct user_id from notifications.endpoints where state = 'active' and user_id = any($1)`,
    values: [[...users]],
  });
  return new Set(rows.map((row) => row.user_id));
}

/** Puts a message to one endpoint on its way that means nothing; its id. */
export async function sendTest(
  tx: ClientBase,
  { userId, endpointId }: { readonly userId: string; readonly endpointId: string },
  now: number,
): Promise<string> {
  const deliveryId = randomUUID();
  const message: WebhookMessage = {
    type: WEBHOOK_TEST,
    timestamp: new Date(now).toISOString(),
    data: { userId, endpointId },
  };
  await insertDeliveries(tx, { userId, message, endpoints: [endpointId], idFor: () => deliveryId }, now);
  return deliveryId;
}

interface NewDeliveries {
  readonly userId: string;
  readonly message: WebhookMessage;
  readonly endpoints: readonly string[];
  readonly idFor: (endpointId: string) => string;
}

async function insertDeliveries(
  tx: ClientBase,
  { userId, message, endpoints, idFor }: NewDeliveries,
  now: number,
): Promise<void> {
  const values = [now, userId, message.type, JSON.stringify(message), endpoints.map(idFor), [...endpoints]];
  await tx.query({ ...INSERT_DELIVERIES, values });
}

export async function endpointReached(db: Queryable, endpointId: string): Promise<void> {
  await db.query({
    name: 'notifications-endpoint-reached',
    text: `update notifications.endpoints set failing_since_ms = null
      where endpoint_id = $1 and failing_since_ms is not null`,
    values: [endpointId],
  });
}

/**
 * Notes that a try has failed. An endpoint that is gone, or that nothing has reached for days, is switched off: what
 * waited for it fails, and its owner is told. True when that happened now.
 */
export async function endpointFailed(
  tx: ClientBase,
  { endpointId, gone }: { readonly endpointId: string; readonly gone: boolean },
  now: number,
): Promise<boolean> {
  const { rows } = await tx.query<{
    user_id: string;
    url: string;
    disabled_for: string;
    failing_since_ms: string;
  }>({ ...FAILED, values: [endpointId, now, gone, now - FAILING_MS_MAX] });
  const [disabled] = rows;
  if (disabled === undefined) return false;
  await tx.query({ ...FAIL_WAITING, values: [endpointId, now] });
  const note = {
    id: idOf('webhook-disabled', endpointId, String(now)),
    kind: 'webhook_disabled' as const,
    userId: disabled.user_id,
    at: now,
    data: { endpointId, url: shownUrl(new URL(disabled.url)), reason: disabled.disabled_for },
  };
  await writeNotes(tx, [note], now);
  return true;
}
