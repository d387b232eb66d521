import { PaymentId } from '#libs/kernel/ids.js';
import { AT, type GoldenEvents, USER } from './common.js';

export const PAYMENTS: GoldenEvents = {
  'PaymentRegistered.v1': {
    type: 'PaymentRegistered',
    paymentId: PaymentId.of('pay-1'),
    userId: USER,
    amount: 10_000_000n,
    at: AT,
  },
};
