import type {
  BalanceThresholdCrossed,
  CreditsAdded,
  CreditsExpired,
  CreditsReinstated,
  CreditsRevoked,
  LotRevoked,
} from '#libs/ledger/wallet/events.js';
import { isoTime, isoTimeIfAny, type Mappings, present, publicBalance } from './mapping.js';

export const MAPPED_CREDITS_EVENTS: Mappings<
  CreditsAdded | CreditsExpired | CreditsRevoked | CreditsReinstated | BalanceThresholdCrossed
> = {
  CreditsAdded: {
    as: 'promptflow.credits.added.v1',
    data: (event, balance) =>
      present({
        userId: event.userId,
        at: isoTime(event.at),
        lotId: event.lotId,
        kind: event.kind,
        origin: event.origin,
        amount: event.amount.toString(),
        reason: event.reason,
        reference: event.reference,
        paymentId: event.paymentId,
        expiresAt: isoTimeIfAny(event.expiresAt),
        paid: event.costBasis && {
          currency: event.costBasis.currency,
          minorUnits: event.costBasis.minorUnits.toString(),
        },
        balanceAfter: publicBalance(balance),
      }),
  },
  CreditsExpired: {
    as: 'promptflow.credits.expired.v1',
    data: ({ userId, at, lotId, kind, origin, amount }, balance) =>
      present({
        userId,
        at: isoTime(at),
        lotId,
        kind,
        origin,
        amount: amount.toString(),
        balanceAfter: publicBalance(balance),
      }),
  },
  CreditsRevoked: {
    as: 'promptflow.credits.revoked.v1',
    data: ({ userId, at, reason, paymentId, lots }, balance) =>
      present({
        userId,
        at: isoTime(at),
        reason,
        paymentId,
        ...sumsOf(lots),
        balanceAfter: publicBalance(balance),
      }),
  },
  CreditsReinstated: {
    as: 'promptflow.credits.reinstated.v1',
    data: ({ userId, at, paymentId, lots }, balance) =>
      present({
        userId,
        at: isoTime(at),
        paymentId,
        ...sumsOf(lots),
        balanceAfter: publicBalance(balance),
      }),
  },
  BalanceThresholdCrossed: {
    as: 'promptflow.balance.threshold_crossed.v1',
    data: ({ userId, at, threshold, available }) => ({
      userId,
      at: isoTime(at),
      threshold: threshold.toString(),
      available: available.toString(),
    }),
  },
};

function sumsOf(lots: readonly LotRevoked[]) {
  let [amount, spent, expired] = [0n, 0n, 0n];
  for (const lot of lots) {
    amount += lot.amount;
    spent += lot.spent;
    expired += lot.expired;
  }
  return { amount: amount.toString(), spent: spent.toString(), expired: expired.toString() };
}
