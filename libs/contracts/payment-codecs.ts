import type { PaymentEvent } from '#libs/ledger/payment/payment.js';
import type { Codecs } from './codec.js';
import { timeText } from './fields.js';

export const paymentCodecs: Codecs<PaymentEvent> = {
  PaymentRegistered: {
    storedType: 'PaymentRegistered.v1',
    encode: (event) => ({
      paymentId: event.paymentId,
      userId: event.userId,
      amount: event.amount.toString(),
      at: timeText(event.at),
    }),
    decode: (fields) => ({
      type: 'PaymentRegistered',
      paymentId: fields.text('paymentId'),
      userId: fields.text('userId'),
      amount: fields.amount('amount'),
      at: fields.time('at'),
    }),
  },
};
