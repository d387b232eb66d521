import type {
  PlanChangeCancelled,
  PlanChanged,
  PlanChangeScheduled,
  SubscriptionPaid,
  ThresholdsSet,
  WalletClosed,
  WalletFrozen,
  WalletOpened,
  WalletUnfrozen,
} from '#libs/ledger/wallet/events.js';
import { isoTime, type Mappings, present } from './mapping.js';

export const MAPPED_WALLET_EVENTS: Mappings<
  | WalletOpened
  | WalletClosed
  | WalletFrozen
  | WalletUnfrozen
  | PlanChanged
  | PlanChangeScheduled
  | PlanChangeCancelled
  | SubscriptionPaid
  | ThresholdsSet
> = {
  WalletOpened: {
    as: 'promptflow.wallet.opened.v1',
    data: ({ userId, at, plan, coverage }) => ({ userId, at: isoTime(at), plan, coverage }),
  },
  WalletClosed: {
    as: 'promptflow.wallet.closed.v1',
    data: ({ userId, at }) => ({ userId, at: isoTime(at) }),
  },
  WalletFrozen: {
    as: 'promptflow.wallet.frozen.v1',
    data: ({ userId, at, reason, reference }) => present({ userId, at: isoTime(at), reason, reference }),
  },
  WalletUnfrozen: {
    as: 'promptflow.wallet.unfrozen.v1',
    data: ({ userId, at }) => ({ userId, at: isoTime(at) }),
  },
  PlanChanged: {
    as: 'promptflow.plan.changed.v1',
    data: ({ userId, at, from, to, cause, coverage }) => ({
      userId,
      at: isoTime(at),
      from,
      to,
      cause,
      coverage,
    }),
  },
  PlanChangeScheduled: {
    as: 'promptflow.plan.change_scheduled.v1',
    data: ({ userId, at, plan, effectiveAt }) => ({
      userId,
      at: isoTime(at),
      plan,
      effectiveAt: isoTime(effectiveAt),
    }),
  },
  PlanChangeCancelled: {
    as: 'promptflow.plan.change_cancelled.v1',
    data: ({ userId, at, plan }) => ({ userId, at: isoTime(at), plan }),
  },
  SubscriptionPaid: {
    as: 'promptflow.subscription.paid.v1',
    data: ({ userId, at, plan, paymentId, amount, from, until }) => ({
      userId,
      at: isoTime(at),
      plan,
      paymentId,
      amount: amount.toString(),
      from: isoTime(from),
      until: isoTime(until),
    }),
  },
  ThresholdsSet: { keptBecause: 'a setting; that a threshold was crossed is told' },
};
