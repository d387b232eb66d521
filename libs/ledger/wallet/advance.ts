import { periodEnd, periodName, periodStart } from '#libs/kernel/period.js';
import { comparePlans, monthlyGrant, type PlanName, type PlanTable } from '../plans/plan-table.js';
import type { CreditsAdded, CreditsExpired, HoldReleased, PlanChanged, WalletEvent } from './events.js';
import { evolveWallet } from './evolve.js';
import { timedOut } from './hold-deadlines.js';
import { freeOf, isExpired, partOf } from './lots.js';
import type { Hold, LiveWallet } from './state.js';
import type { HoldReleaseCause, PlanChangeCause, PlanCoverage } from './vocabulary.js';

/** A wallet brought to time `t`, and the events that say how it got there. */
export interface Advanced {
  readonly wallet: LiveWallet;
  readonly events: readonly WalletEvent[];
}

const NOTHING: readonly WalletEvent[] = [];

/**
 * What time alone does to a wallet: holds time out, lapsed lots expire, and in a new period a scheduled downgrade comes
 * into force, a plan that nothing covers falls to FREE and the plan's monthly lot is granted, once and straight for the
 * current period (domain rules, section 3: skipped periods grant nothing). Deciders apply it before they decide, reads
 * before they answer; both see the same balance.
 */
export function advance(wallet: LiveWallet, t: number, plans: PlanTable): Advanced {
  let advanced: Advanced = { wallet, events: NOTHING };
  // What a hold frees may have lapsed meanwhile, so time-outs come first.
  advanced = apply(advanced, timeouts(wallet, t));
  advanced = apply(advanced, lapsedParts(advanced.wallet, t));
  return apply(advanced, roll(advanced.wallet, t, plans));
}

export function apply({ wallet, events }: Advanced, more: readonly WalletEvent[]): Advanced {
  if (more.length === 0) return { wallet, events };
  return {
    wallet: more.reduce<LiveWallet>((state, event) => evolveWallet(state, event), wallet),
    events: [...events, ...more],
  };
}

function timeouts(wallet: LiveWallet, t: number): readonly HoldReleased[] {
  return timedOut(wallet.holds, t).map((hold) => releaseOf(hold, 'timeout', t));
}

export const releaseOf = (
  { userId, holdId, runId, parts }: Hold,
  cause: HoldReleaseCause,
  t: number,
): HoldReleased => ({ type: 'HoldReleased', userId, at: t, holdId, runId, cause, parts });

/** Expiry takes only what no hold has reserved. */
export function lapsedParts(wallet: LiveWallet, t: number): readonly CreditsExpired[] {
  const due = (lot: LiveWallet['lots']['active'][number]): boolean => isExpired(lot, t) && freeOf(lot) > 0n;
  if (!wallet.lots.active.some(due)) return [];
  return wallet.lots.active
    .filter(due)
    .map((lot) => ({ type: 'CreditsExpired', userId: wallet.userId, at: t, ...partOf(lot, freeOf(lot)) }));
}

/**
 * The period's turn. Whether a plan is covered is judged by the first moment of the period, so that it does not depend
 * on who looks first, or when.
 */
function roll(wallet: LiveWallet, t: number, plans: PlanTable): readonly WalletEvent[] {
  const period = periodStart(t);
  if (period <= wallet.grantedPeriod || wallet.status === 'closed') return [];
  // A month on an unlimited plan may leave no event behind it, so a change may be scheduled before the roll is recorded.
  const due = wallet.scheduled !== undefined && wallet.scheduled.effectiveAt <= t;
  const wanted = due ? wallet.scheduled.plan : wallet.plan;
  const coverage = coverageOf(wallet, wanted, period);
  const plan = coverage === undefined ? 'FREE' : wanted;
  const cause = plan === wanted ? 'scheduled' : 'unpaid';
  return [
    ...(plan === wallet.plan ? [] : [planChange(wallet, plan, cause, coverage ?? 'free', t, plans)]),
    ...monthlyLot({ userId: wallet.userId, plan }, t, plans),
  ];
}

/** Why `plan` may run at `t`; undefined when nothing covers it. */
export function coverageOf(wallet: LiveWallet, plan: PlanName, t: number): PlanCoverage | undefined {
  if (plan === 'FREE') return 'free';
  const paid = wallet.paid.some(
    (payment) => comparePlans(payment.plan, plan) >= 0 && payment.from <= t && t < payment.until,
  );
  if (paid) return 'paid';
  const granted = wallet.coverage === 'granted' && comparePlans(wallet.plan, plan) >= 0;
  return granted ? 'granted' : undefined;
}

export const planChange = (
  { userId, plan: from }: LiveWallet,
  to: PlanName,
  cause: PlanChangeCause,
  coverage: PlanCoverage,
  t: number,
  plans: PlanTable,
): PlanChanged => ({
  type: 'PlanChanged',
  userId,
  at: t,
  from,
  to,
  cause,
  coverage,
  planTable: plans.id,
  planTableVersion: plans.version,
});

/** The current period's monthly lot of a plan; none on an unlimited plan. */
export function monthlyLot(
  { userId, plan }: Pick<LiveWallet, 'userId' | 'plan'>,
  t: number,
  plans: PlanTable,
): readonly CreditsAdded[] {
  const amount = monthlyGrant(plan, plans);
  return amount === 0n ? [] : [monthlyCredits(userId, `monthly-${periodName(t)}`, amount, t)];
}

/** Credits that lapse with the period. */
export const monthlyCredits = (
  userId: LiveWallet['userId'],
  lotId: string,
  amount: bigint,
  t: number,
): CreditsAdded => ({
  type: 'CreditsAdded',
  userId,
  at: t,
  lotId,
  kind: 'monthly',
  origin: 'monthly',
  amount,
  expiresAt: periodEnd(t),
});
