import fc from 'fast-check';
import { PaymentId } from '#libs/kernel/ids.js';
import type { PaymentEvent } from '#libs/ledger/payment/payment.js';
import { amount, type ArbitraryEvents, ids, walletFact } from './common.js';

export const PAYMENTS: ArbitraryEvents<PaymentEvent> = {
  PaymentRegistered: fc.record({ ...walletFact('PaymentRegistered'), paymentId: ids(PaymentId), amount }),
};
