import { PaymentId } from '#libs/kernel/ids.js';
import { AT, type GoldenEvents, USER } from './common.js';

export const LOTS: GoldenEvents = {
  'CreditsAdded.v1': {
    type: 'CreditsAdded',
    userId: USER,
    at: AT,
    lotId: 'lot-0123456789abcdef',
    kind: 'purchased',
    origin: 'purchased',
    amount: 10_000_000n,
    reason: 'other',
    reference: 'pay-1',
    paymentId: PaymentId.of('pay-1'),
    expiresAt: AT + 1,
    costBasis: { currency: 'EUR', minorUnits: 930n, providerFeeMinorUnits: 43n },
  },
  'CreditsExpired.v1': {
    type: 'CreditsExpired',
    userId: USER,
    at: AT,
    lotId: 'monthly-2026-11',
    kind: 'monthly',
    origin: 'monthly',
    amount: 100_000n,
  },
  'CreditsRevoked.v1': {
    type: 'CreditsRevoked',
    userId: USER,
    at: AT,
    reason: 'chargeback',
    paymentId: PaymentId.of('pay-1'),
    lots: [
      { lotId: 'lot-1', kind: 'purchased', origin: 'purchased', amount: 70n, spent: 20n, expired: 10n },
      { lotId: 'lot-2', kind: 'refund', origin: 'purchased', amount: 5n, spent: 0n, expired: 0n },
    ],
  },
  'CreditsReinstated.v1': {
    type: 'CreditsReinstated',
    userId: USER,
    at: AT,
    paymentId: PaymentId.of('pay-1'),
    lots: [
      { lotId: 'lot-1', kind: 'purchased', origin: 'purchased', amount: 72n, spent: 18n, expired: 10n },
      { lotId: 'lot-2', kind: 'refund', origin: 'purchased', amount: 5n, spent: 0n, expired: 0n },
    ],
  },
};
