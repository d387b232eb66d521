import type { PlanLimit } from '#libs/ledger/plans/plan-table.js';
import {
  type Entitlement,
  entitlementsOf,
  type MonthlyEntitlement,
} from '#libs/ledger/wallet/entitlements.js';
import type { PaidPeriod } from '#libs/ledger/wallet/state.js';
import type { WalletNow } from './wallet-now.js';

const iso = (t: number): string => new Date(t).toISOString();

/** Every limit of the wallet's plan: allowed, used, remaining and when it resets. */
export function entitlementsText(now: WalletNow, position: string): string {
  const { wallet, t, plans } = now;
  const all = entitlementsOf(wallet, t, plans);
  const { scheduled } = all;
  return JSON.stringify({
    userId: wallet.userId,
    plan: all.plan,
    status: wallet.status,
    coverage: all.coverage,
    paidUntil: paidUntil(wallet.paid, t),
    scheduled:
      scheduled === undefined ? undefined : { plan: scheduled.plan, effectiveAt: iso(scheduled.effectiveAt) },
    planTable: { id: plans.id, version: plans.version },
    privatePrompts: limited(all.privatePrompts),
    testRuns: limited(all.testRuns),
    storageBytes: limited(all.storageBytes),
    models: all.models,
    privateModels: all.privateModels,
    byok: all.byok,
    monthlyCredits: monthly(all.monthlyCredits),
    asOf: { position, time: iso(t) },
  });
}

/** When the payments made so far end, those that follow on without a gap included; undefined when none runs at `t`. */
function paidUntil(paid: readonly PaidPeriod[], t: number): string | undefined {
  let until: number | undefined;
  for (const period of [...paid].sort((a, b) => a.from - b.from)) {
    const reached = until ?? t;
    if (period.from <= reached && period.until > reached) until = period.until;
  }
  return until === undefined ? undefined : iso(until);
}

/** What is not limited has no `remaining`: `allowed` says so by its kind. */
function limited({ allowed, used, remaining, resetsAt }: Entitlement): object {
  return {
    allowed: allowedOf(allowed),
    used: Number(used),
    remaining: remaining === undefined ? undefined : Number(remaining),
    resetsAt: resetsAt === undefined ? undefined : iso(resetsAt),
  };
}

const allowedOf = (allowed: PlanLimit): object =>
  allowed.kind === 'limited' ? { kind: 'limited', max: allowed.max } : { kind: allowed.kind };

function monthly(credits: MonthlyEntitlement): object {
  const resetsAt = iso(credits.resetsAt);
  if (credits.kind === 'unlimited') {
    const { used, fairUse } = credits;
    return { allowed: { kind: 'unlimited', fairUse: fairUse?.toString() }, used: used.toString(), resetsAt };
  }
  const { granted, remaining } = credits;
  return {
    allowed: { kind: 'granted', credits: granted.toString() },
    // Held counts as used: it cannot be spent on anything else.
    used: (granted > remaining ? granted - remaining : 0n).toString(),
    remaining: remaining.toString(),
    resetsAt,
  };
}
