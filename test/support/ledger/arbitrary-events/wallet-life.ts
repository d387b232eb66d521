import fc from 'fast-check';
import { PaymentId } from '#libs/kernel/ids.js';
import { PLAN_NAMES } from '#libs/ledger/plans/plan-table.js';
import type {
  PlanChangeCancelled,
  PlanChanged,
  PlanChangeScheduled,
  SubscriptionPaid,
  WalletClosed,
  WalletFrozen,
  WalletOpened,
  WalletUnfrozen,
} from '#libs/ledger/wallet/events.js';
import { FREEZE_REASONS, PLAN_CHANGE_CAUSES, PLAN_COVERAGES } from '#libs/ledger/wallet/vocabulary.js';
import { amount, type ArbitraryEvents, ids, text, time, walletFact, withOptional } from './common.js';

const plan = fc.constantFrom(...PLAN_NAMES);
const terms = { planTable: text, planTableVersion: fc.nat(), coverage: fc.constantFrom(...PLAN_COVERAGES) };

export const WALLET_LIFE: ArbitraryEvents<WalletOpened | WalletClosed | WalletFrozen | WalletUnfrozen> = {
  WalletOpened: fc.record({ ...walletFact('WalletOpened'), plan, ...terms }),
  WalletClosed: fc.record(walletFact('WalletClosed')),
  WalletFrozen: withOptional(
    { ...walletFact('WalletFrozen'), reason: fc.constantFrom(...FREEZE_REASONS) },
    { reference: text },
  ),
  WalletUnfrozen: fc.record(walletFact('WalletUnfrozen')),
};

export const PLANS: ArbitraryEvents<
  SubscriptionPaid | PlanChanged | PlanChangeScheduled | PlanChangeCancelled
> = {
  SubscriptionPaid: fc.record({
    ...walletFact('SubscriptionPaid'),
    plan,
    paymentId: ids(PaymentId),
    amount,
    from: time,
    until: time,
  }),
  PlanChanged: fc.record({
    ...walletFact('PlanChanged'),
    from: plan,
    to: plan,
    cause: fc.constantFrom(...PLAN_CHANGE_CAUSES),
    ...terms,
  }),
  PlanChangeScheduled: fc.record({ ...walletFact('PlanChangeScheduled'), plan, effectiveAt: time }),
  PlanChangeCancelled: fc.record({ ...walletFact('PlanChangeCancelled'), plan }),
};
