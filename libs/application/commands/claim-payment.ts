import type { Credits } from '#libs/kernel/credits.js';
import type { PaymentId, UserId } from '#libs/kernel/ids.js';
import { paymentStream } from '#libs/ledger/events.js';
import type { PaymentEvent } from '#libs/ledger/payment/payment.js';
import { hashBody } from '../body-hash.js';
import type { Outcome } from '../outcome.js';
import type { PaymentExecutor } from '../write-path.js';

/** What a payment is claimed for: a payment pays for one thing, once, in the whole ledger. */
export interface PaymentClaim {
  readonly purpose: 'purchase' | 'subscription';
  readonly paymentId: PaymentId;
  readonly userId: UserId;
  readonly amount: Credits;
}

/**
 * Claims a payment id. The same claim again is a repeat, which finishes what a crash left between claim and effect;
 * any other claim, also that of a purchase for a subscription, is `payment.already_credited`.
 */
export async function claimPayment(
  payments: PaymentExecutor,
  { purpose, paymentId, userId, amount }: PaymentClaim,
): Promise<Outcome<PaymentEvent>> {
  const outcome = await payments.execute(
    paymentStream(paymentId),
    {
      principal: 'system:payments',
      // One key a payment, whose body says who claims what: the stream knows its first claim again and no other.
      key: 'claim',
      bodyHash: hashBody('RegisterPayment', { purpose, paymentId, userId, amount }),
    },
    { type: 'RegisterPayment', paymentId, userId, amount },
  );
  return outcome.kind === 'refused' && outcome.refusal.code === 'request.id_reused'
    ? { kind: 'refused', refusal: { code: 'payment.already_credited' } }
    : outcome;
}
