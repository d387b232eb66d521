import type { Credits } from '#libs/kernel/credits.js';
import type { PlanTable } from '../plans/plan-table.js';
import { sumFree } from './lots.js';
import { type LiveWallet, usedAt } from './state.js';

/** Credits of a wallet by kind of lot; the four kinds sum to `available + held`. */
export interface Balance {
  readonly available: Credits;
  readonly held: Credits;
  readonly monthly: Credits;
  readonly promo: Credits;
  readonly refund: Credits;
  readonly purchased: Credits;
  /** Present on an unlimited plan: credits its allowance covered this period, and the fair-use limit if there is one. */
  readonly unlimited?: { readonly used: Credits; readonly fairUse?: Credits };
}

/** The balance at time `t` of a wallet that was advanced to `t`. */
export function balanceOf(wallet: LiveWallet, t: number, plans: PlanTable): Balance {
  const kinds = { monthly: 0n, promo: 0n, refund: 0n, purchased: 0n };
  for (const lot of wallet.lots.active) kinds[lot.kind] += lot.remaining;
  const available = sumFree(wallet.lots);
  const unlimited = unlimitedOf(wallet, t, plans);
  return {
    available,
    held: kinds.monthly + kinds.promo + kinds.refund + kinds.purchased - available,
    ...kinds,
    ...(unlimited === undefined ? {} : { unlimited }),
  };
}

function unlimitedOf(wallet: LiveWallet, t: number, plans: PlanTable): Balance['unlimited'] {
  const { monthly } = plans.plans[wallet.plan];
  if (monthly.kind !== 'unlimited') return undefined;
  const used = usedAt(wallet.allowance, t, 0n);
  return { used, ...(monthly.fairUse === undefined ? {} : { fairUse: monthly.fairUse }) };
}
