import { periodStart } from '#libs/kernel/period.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import type { Change } from '#libs/projection-runner/projection.js';
import { byTime, set, used } from './changes.js';
import { paidPeriods } from './wallet-tables.js';

type Settings = Extract<
  WalletEvent,
  {
    type:
      | 'SubscriptionPaid'
      | 'PlanChanged'
      | 'PlanChangeScheduled'
      | 'PlanChangeCancelled'
      | 'ThresholdsSet'
      | 'WalletFrozen'
      | 'WalletUnfrozen'
      | 'WalletClosed';
  }
>;

/** Changes of what is set for a wallet. */
export function settingChanged(event: Settings): readonly Change[] {
  switch (event.type) {
    case 'SubscriptionPaid': {
      const { userId, paymentId, plan, amount, at, from, until } = event;
      return [
        paidPeriods.change({
          userId,
          paymentId,
          plan,
          amount,
          paidAtMs: at,
          fromMs: from,
          untilMs: until,
        }),
        used(event),
      ];
    }
    case 'PlanChanged': {
      const { to: plan, planTable, planTableVersion, coverage } = event;
      const changed = set(event, { plan, planTable, planTableVersion, coverage, scheduledPlan: '' });
      const granted = { grantedPeriodMs: periodStart(event.at) };
      return [changed, event.cause === 'upgrade' ? used(event, granted) : byTime(event, granted)];
    }
    case 'PlanChangeScheduled':
      return [set(event, { scheduledPlan: event.plan, scheduledAtMs: event.effectiveAt }), used(event)];
    case 'PlanChangeCancelled':
      return [set(event, { scheduledPlan: '' }), used(event)];
    case 'ThresholdsSet':
      return [set(event, { thresholds: event.thresholds.join(',') }), used(event)];
    case 'WalletFrozen':
      return [set(event, { status: 'frozen', frozenFor: event.reason }), used(event)];
    case 'WalletUnfrozen':
      return [set(event, { status: 'open', frozenFor: '' }), used(event)];
    case 'WalletClosed':
      return [set(event, { status: 'closed', frozenFor: '' }), used(event)];
  }
}
