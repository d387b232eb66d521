import type { Pool } from 'pg';
import { inTransaction } from '#libs/platform/transaction.js';
import { type ClaimedWebhook, endAttempt, type Ended } from '../deliveries.js';
import { pauseAfter, WEBHOOK_SCHEDULE } from '../retry.js';
import { endpointFailed, endpointReached } from './endpoints.js';
import { type Posted, postWebhook } from './post.js';
import { signedHeaders } from './signing.js';
import { parseTarget } from './target.js';

const GONE = 410;
const OK = 200;
const REDIRECTION = 300;
const CLIENT_ERROR = 400;

export interface WebhookSending {
  readonly pool: Pool;
  /** host:port of receivers that may be private. */
  readonly allowedHosts: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly post?: typeof postWebhook;
}

export type WebhookResult = 'delivered' | 'later' | 'failed';

/** One try of one webhook, and its record. */
export async function sendWebhook(sending: WebhookSending, webhook: ClaimedWebhook): Promise<WebhookResult> {
  const { pool, now } = sending;
  const began = performance.now();
  const posted = await post(sending, webhook);
  const durationMs = Math.round(performance.now() - began);
  const t = now();
  const tried = {
    durationMs,
    outcome: outcomeOf(posted),
    ...(posted.status === undefined ? {} : { status: posted.status }),
  };
  if (tried.outcome === 'delivered') {
    await endAttempt(pool, webhook, { ...tried, next: { state: 'delivered' } }, t);
    await endpointReached(pool, webhook.endpointId);
    return 'delivered';
  }
  const next = nextOf(webhook, posted, t);
  const gone = posted.status === GONE;
  // The try and what it means for the endpoint, together.
  await inTransaction(pool, async (tx) => {
    await endAttempt(tx, webhook, { ...tried, next }, t);
    await endpointFailed(tx, { endpointId: webhook.endpointId, gone }, t);
  });
  return next.state === 'waiting' ? 'later' : 'failed';
}

async function post(
  { allowedHosts, now, post = postWebhook }: WebhookSending,
  webhook: ClaimedWebhook,
): Promise<Posted> {
  const { url, deliveryId: id, body, secrets } = webhook;
  // Judged each time: what the operator allows may have changed since.
  const target = parseTarget(url, allowedHosts);
  if (!target.ok) return { fault: 'private_address' };
  return post({ target: target.value, body, headers: signedHeaders({ id, body, secrets, now: now() }) });
}

/** A word for the history. */
function outcomeOf({ status, fault }: Posted): string {
  if (status === undefined) return fault ?? 'no_answer';
  if (status >= OK && status < REDIRECTION) return 'delivered';
  return status >= REDIRECTION && status < CLIENT_ERROR ? 'redirect' : 'http_error';
}

function nextOf({ attempt }: ClaimedWebhook, { status, retryAfterMs = 0 }: Posted, t: number): Ended['next'] {
  if (status === GONE) return { state: 'failed', reason: 'gone' };
  const pause = pauseAfter(WEBHOOK_SCHEDULE, attempt);
  if (pause === undefined) return { state: 'failed', reason: 'gave_up' };
  return { state: 'waiting', dueAt: t + Math.max(pause, retryAfterMs) };
}
