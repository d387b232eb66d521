import type { Credits } from '#libs/kernel/credits.js';
import { periodEnd } from '#libs/kernel/period.js';
import { monthlyGrant, type PlanLimit, type PlanName, type PlanTable } from '../plans/plan-table.js';
import { type LiveWallet, usedAt } from './state.js';
import type { PlanCoverage } from './vocabulary.js';

/** What a plan allows of something; unlimited and custom are said as such, never as a number. */
export interface Entitlement {
  readonly allowed: PlanLimit;
  readonly used: bigint;
  /** 0 when a downgrade has left more than is allowed; absent where nothing limits. */
  readonly remaining?: bigint;
  /** When `used` begins anew, milliseconds since the epoch; absent for what does not reset. */
  readonly resetsAt?: number;
}

export interface Entitlements {
  readonly plan: PlanName;
  readonly coverage: PlanCoverage;
  readonly scheduled?: LiveWallet['scheduled'];
  readonly privatePrompts: Entitlement;
  readonly testRuns: Entitlement;
  readonly storageBytes: Entitlement;
  readonly models: readonly string[];
  /** Custom and private models of one's own may be used too. */
  readonly privateModels: boolean;
  readonly byok: boolean;
  readonly monthlyCredits: MonthlyEntitlement;
}

export type MonthlyEntitlement =
  | {
      readonly kind: 'granted';
      readonly granted: Credits;
      readonly remaining: Credits;
      readonly resetsAt: number;
    }
  | {
      readonly kind: 'unlimited';
      readonly used: Credits;
      readonly fairUse?: Credits;
      readonly resetsAt: number;
    };

/** Every limit of the plan at `t`, for a wallet that was advanced to `t` (domain rules, section 3). */
export function entitlementsOf(wallet: LiveWallet, t: number, plans: PlanTable): Entitlements {
  const plan = plans.plans[wallet.plan];
  return {
    plan: wallet.plan,
    coverage: wallet.coverage,
    ...(wallet.scheduled === undefined ? {} : { scheduled: wallet.scheduled }),
    privatePrompts: entitlement(plan.privatePrompts, BigInt(wallet.privatePrompts)),
    testRuns: {
      ...entitlement(plan.testRuns, BigInt(usedAt(wallet.testRuns, t, 0))),
      resetsAt: periodEnd(t),
    },
    storageBytes: entitlement(plan.storageBytes, wallet.storageBytes),
    models: [...plan.models],
    privateModels: plan.privateModels,
    byok: plan.byok,
    monthlyCredits: monthlyEntitlement(wallet, t, plans),
  };
}

function entitlement(allowed: PlanLimit, used: bigint): Entitlement {
  if (allowed.kind !== 'limited') return { allowed, used };
  const left = BigInt(allowed.max) - used;
  return { allowed, used, remaining: left < 0n ? 0n : left };
}

function monthlyEntitlement(wallet: LiveWallet, t: number, plans: PlanTable): MonthlyEntitlement {
  const { monthly } = plans.plans[wallet.plan];
  const resetsAt = periodEnd(t);
  if (monthly.kind === 'unlimited') {
    const used = usedAt(wallet.allowance, t, 0n);
    return {
      kind: 'unlimited',
      used,
      ...(monthly.fairUse === undefined ? {} : { fairUse: monthly.fairUse }),
      resetsAt,
    };
  }
  const remaining = wallet.lots.active.reduce(
    (sum, lot) => (lot.kind === 'monthly' ? sum + lot.remaining - lot.reserved : sum),
    0n,
  );
  return { kind: 'granted', granted: monthlyGrant(wallet.plan, plans), remaining, resetsAt };
}
