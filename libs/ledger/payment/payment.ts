import { assertNever } from '#libs/kernel/assert-never.js';
import type { Credits } from '#libs/kernel/credits.js';
import type { PaymentId, UserId } from '#libs/kernel/ids.js';
import { accept, type CommandContext, type Decision, refuse } from '../decision.js';

/** Claims a payment id for one user and amount: stream `payment-<id>` holds this one event, ever. */
export interface PaymentRegistered {
  readonly type: 'PaymentRegistered';
  readonly paymentId: PaymentId;
  readonly userId: UserId;
  readonly amount: Credits;
  readonly at: number;
}

export type PaymentEvent = PaymentRegistered;

export type Payment =
  | { readonly status: 'none'; readonly version: 0 }
  | {
      readonly status: 'registered';
      readonly userId: UserId;
      readonly amount: Credits;
      readonly version: number;
    };

export const NO_PAYMENT: Payment = { status: 'none', version: 0 };

export interface RegisterPayment {
  readonly type: 'RegisterPayment';
  readonly paymentId: PaymentId;
  readonly userId: UserId;
  readonly amount: Credits;
}

export function evolvePayment(payment: Payment, event: PaymentEvent): Payment {
  switch (event.type) {
    case 'PaymentRegistered':
      if (payment.status !== 'none')
        throw new Error(`Payment ${event.paymentId} is registered a second time`);
      return { status: 'registered', userId: event.userId, amount: event.amount, version: 1 };
    default:
      return assertNever(event.type);
  }
}

/** The same user and amount may register again under any key, to finish what a crash left; nothing else may. */
export function decidePayment(
  payment: Payment,
  command: RegisterPayment,
  context: CommandContext,
): Decision<PaymentEvent> {
  if (payment.status === 'none') {
    const { paymentId, userId, amount } = command;
    return accept<PaymentEvent>({ type: 'PaymentRegistered', paymentId, userId, amount, at: context.now });
  }
  return payment.userId === command.userId && payment.amount === command.amount
    ? accept<PaymentEvent>()
    : refuse({ code: 'payment.already_credited' });
}
