import { maxCredits } from '#libs/kernel/credits.js';
import { periodEnd, periodName } from '#libs/kernel/period.js';
import { accept, refuse } from '../decision.js';
import { comparePlans, monthlyGrant, type PlanTable } from '../plans/plan-table.js';
import type { Terms } from '../pricing/terms.js';
import { invalidField } from '../refusal.js';
import { coverageOf, monthlyCredits, planChange } from './advance.js';
import type { ChangePlanCommand, PaySubscriptionCommand } from './commands.js';
import type { WalletContext, WalletDecision } from './context.js';
import type { WalletEvent } from './events.js';
import { paymentUsed } from './ids.js';
import type { LiveWallet } from './state.js';

/** Records a payment that covers a plan; the plan itself is changed by its own command. */
export function decidePaySubscription(
  wallet: LiveWallet,
  { plan, paymentId, amount, from, until }: PaySubscriptionCommand,
  { now, past }: WalletContext,
): WalletDecision {
  if (wallet.status === 'closed') return refuse({ code: 'wallet.closed' });
  if (past.revisionOf(paymentUsed(paymentId)) !== undefined) {
    return refuse({ code: 'payment.already_credited' });
  }
  const { userId } = wallet;
  return accept<WalletEvent>({
    type: 'SubscriptionPaid',
    userId,
    at: now,
    plan,
    paymentId,
    amount,
    from,
    until,
  });
}

/** Upward at once, with the difference granted; downward at the end of the period. */
export function decideChangePlan(
  wallet: LiveWallet,
  command: ChangePlanCommand,
  context: WalletContext,
  terms: Terms,
): WalletDecision {
  if (wallet.status === 'closed') return refuse({ code: 'wallet.closed' });
  const difference = comparePlans(command.plan, wallet.plan);
  if (difference === 0) return refuse(invalidField('plan', `is ${wallet.plan} already`));
  return difference > 0
    ? upgrade(wallet, command, context, terms.plansAt(context.now))
    : accept<WalletEvent>({
        type: 'PlanChangeScheduled',
        userId: wallet.userId,
        at: context.now,
        plan: command.plan,
        effectiveAt: periodEnd(context.now),
      });
}

function upgrade(
  wallet: LiveWallet,
  { plan, mayGrant }: ChangePlanCommand,
  { now }: WalletContext,
  plans: PlanTable,
): WalletDecision {
  const coverage = coverageOf(wallet, plan, now) ?? (mayGrant ? 'granted' : undefined);
  if (coverage === undefined) return refuse({ code: 'plan.not_paid' });
  // An unlimited plan grants no lot; the lots there are wait behind its allowance.
  const difference = maxCredits(monthlyGrant(plan, plans) - monthlyGrant(wallet.plan, plans), 0n);
  const lotId = `monthly-${periodName(now)}-${plan}`;
  return accept<WalletEvent>(
    planChange(wallet, plan, 'upgrade', coverage, now, plans),
    ...(difference === 0n ? [] : [monthlyCredits(wallet.userId, lotId, difference, now)]),
  );
}

export function decideCancelPlanChange(wallet: LiveWallet, { now }: WalletContext): WalletDecision {
  if (wallet.status === 'closed') return refuse({ code: 'wallet.closed' });
  if (wallet.scheduled === undefined) return refuse({ code: 'plan.change_not_scheduled' });
  return accept<WalletEvent>({
    type: 'PlanChangeCancelled',
    userId: wallet.userId,
    at: now,
    plan: wallet.scheduled.plan,
  });
}
