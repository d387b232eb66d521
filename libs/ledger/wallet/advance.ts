import { periodEnd, periodName, periodStart } from '#libs/kernel/period.js';
import { monthlyGrant, type PlanTerms } from '../plans/plan-table.js';
import type { CreditsAdded, CreditsExpired, WalletEvent } from './events.js';
import { isExpired } from './lots.js';
import { evolveWallet, type OpenWallet } from './state.js';

/** A wallet brought to time `t`, and the events that say how it got there. */
export interface Advanced {
  readonly wallet: OpenWallet;
  readonly events: readonly WalletEvent[];
}

/**
 * What time alone does to a wallet: lapsed lots expire, and in a new period the plan's monthly lot is granted, once,
 * straight for the current period (domain rules, section 3: skipped periods grant nothing). Deciders apply it before
 * they decide, reads before they answer; both see the same balance.
 */
export function advance(wallet: OpenWallet, t: number, plans: PlanTerms): Advanced {
  const due: WalletEvent[] = [...lapsed(wallet, t), ...grantDue(wallet, t, plans)];
  return {
    wallet: due.reduce<OpenWallet>((state, event) => evolveWallet(state, event), wallet),
    events: due,
  };
}

function lapsed(wallet: OpenWallet, t: number): CreditsExpired[] {
  if (!wallet.lots.some((lot) => isExpired(lot, t))) return [];
  return wallet.lots
    .filter((lot) => isExpired(lot, t))
    .map((lot) => ({
      type: 'CreditsExpired',
      userId: wallet.userId,
      at: t,
      lotId: lot.id,
      kind: lot.kind,
      origin: lot.origin,
      amount: lot.remaining,
    }));
}

function grantDue(wallet: OpenWallet, t: number, plans: PlanTerms): CreditsAdded[] {
  if (periodStart(t) <= wallet.grantedPeriod) return [];
  return monthlyLot(wallet, t, plans);
}

/** The current period's monthly lot of the wallet's plan; none on an unlimited plan. */
export function monthlyLot(
  wallet: Pick<OpenWallet, 'userId' | 'plan'>,
  t: number,
  plans: PlanTerms,
): CreditsAdded[] {
  const amount = monthlyGrant(wallet.plan, plans);
  if (amount === 0n) return [];
  return [
    {
      type: 'CreditsAdded',
      userId: wallet.userId,
      at: t,
      lotId: `monthly-${periodName(t)}`,
      kind: 'monthly',
      origin: 'monthly',
      amount,
      expiresAt: periodEnd(t),
    },
  ];
}
