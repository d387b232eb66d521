import fc from 'fast-check';
import { PaymentId } from '#libs/kernel/ids.js';
import type {
  CreditsAdded,
  CreditsExpired,
  CreditsReinstated,
  CreditsRevoked,
} from '#libs/ledger/wallet/events.js';
import { REVOKE_REASONS } from '#libs/ledger/wallet/vocabulary.js';
import {
  amount,
  type ArbitraryEvents,
  ids,
  lotPart,
  text,
  time,
  walletFact,
  withOptional,
} from './common.js';

const costBasis = fc.record({
  currency: fc.constantFrom('USD', 'EUR'),
  minorUnits: amount,
  providerFeeMinorUnits: amount,
});
const revokedLots = fc.array(fc.record({ ...lotPart, spent: amount, expired: amount }), { maxLength: 4 });

export const LOTS: ArbitraryEvents<CreditsAdded | CreditsExpired | CreditsRevoked | CreditsReinstated> = {
  CreditsAdded: withOptional(
    { ...walletFact('CreditsAdded'), ...lotPart },
    { reason: text, reference: text, paymentId: ids(PaymentId), expiresAt: time, costBasis },
  ),
  CreditsExpired: fc.record({ ...walletFact('CreditsExpired'), ...lotPart }),
  CreditsRevoked: withOptional(
    { ...walletFact('CreditsRevoked'), reason: fc.constantFrom(...REVOKE_REASONS), lots: revokedLots },
    { paymentId: ids(PaymentId) },
  ),
  CreditsReinstated: fc.record({
    ...walletFact('CreditsReinstated'),
    paymentId: ids(PaymentId),
    lots: revokedLots,
  }),
};
