import Stripe from 'stripe';
import type { ProviderNotice } from '../provider.js';
import { foundOf, METADATA } from './stripe-provider.js';

/** How old, or how far ahead of our clock, a signature may be. */
const TOLERANCE_S = 300;
const SECOND_MS = 1_000;
const TIMESTAMP = /(?:^|,)t=(\d{1,12})(?:,|$)/;

/** A webhook that Stripe has signed. */
export interface StripeWebhook {
  readonly id: string;
  readonly type: string;
  readonly livemode: boolean;
  /** Absent: it is of no concern to payouts. */
  readonly notice?: ProviderNotice;
}

export interface SignedRequest {
  /** The bytes as they came. */
  readonly body: Buffer;
  readonly signature: string;
  /** All of them valid: two while one is replaced. */
  readonly secrets: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The webhook, or undefined when no secret of ours has signed these bytes within the last five minutes. */
export function readStripeWebhook(request: SignedRequest): StripeWebhook | undefined {
  const event = verified(request);
  if (event === undefined) return undefined;
  const { id, type, livemode } = event;
  const notice = noticeOf(event);
  return { id, type, livemode, ...(notice === undefined ? {} : { notice }) };
}

function verified({ body, signature, secrets, now }: SignedRequest): Stripe.Event | undefined {
  const signedAt = Number(TIMESTAMP.exec(signature)?.[1]);
  // The library looks at the past only.
  if (!(signedAt <= now / SECOND_MS + TOLERANCE_S)) return undefined;
  for (const secret of secrets) {
    try {
      return Stripe.webhooks.constructEvent(body, signature, secret, TOLERANCE_S, undefined, now);
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) continue;
      // Signed, and yet no event: nothing that Stripe sends.
      return undefined;
    }
  }
  return undefined;
}

function noticeOf(event: Stripe.Event): ProviderNotice | undefined {
  switch (event.type) {
    case 'transfer.created':
    case 'transfer.updated':
    case 'transfer.reversed':
      return transferNotice(event.data.object);
    case 'payout.paid':
    case 'payout.reconciliation_completed':
    case 'payout.failed':
      return payoutNotice(event.account, event.data.object);
    default:
      return undefined;
  }
}

function transferNotice(transfer: Stripe.Transfer): ProviderNotice | undefined {
  const creatorId = transfer.metadata?.[METADATA.creatorId];
  const payoutId = transfer.metadata?.[METADATA.payoutId];
  // Made by something else on the same account.
  if (creatorId === undefined || payoutId === undefined) return undefined;
  const status = transfer.reversed ? 'reversed' : transfer.amount_reversed > 0 ? 'partly_reversed' : 'sent';
  return { kind: 'transfer', creatorId, payoutId, status, ...foundOf(transfer) };
}

/** Payouts without an account are the platform's own. */
function payoutNotice(
  account: string | undefined,
  { id, status, failure_code: code }: Stripe.Payout,
): ProviderNotice | undefined {
  if (account === undefined || (status !== 'paid' && status !== 'failed')) return undefined;
  return { kind: 'account_payout', account, payout: id, status, ...(code === null ? {} : { code }) };
}
