import type { Credits } from '#libs/kernel/credits.js';
import { periodStart } from '#libs/kernel/period.js';
import type { PlanTerms } from '../plans/plan-table.js';
import type { OpenWallet } from './state.js';

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
export function balanceOf(wallet: OpenWallet, t: number, plans: PlanTerms): Balance {
  const kinds = { monthly: 0n, promo: 0n, refund: 0n, purchased: 0n };
  for (const lot of wallet.lots) kinds[lot.kind] += lot.remaining;
  const unlimited = unlimitedOf(wallet, t, plans);
  return {
    available: kinds.monthly + kinds.promo + kinds.refund + kinds.purchased,
    held: 0n,
    ...kinds,
    ...(unlimited === undefined ? {} : { unlimited }),
  };
}

function unlimitedOf(wallet: OpenWallet, t: number, plans: PlanTerms): Balance['unlimited'] {
  const { monthly } = plans.table.plans[wallet.plan];
  if (monthly.kind !== 'unlimited') return undefined;
  const used = wallet.allowance.period === periodStart(t) ? wallet.allowance.used : 0n;
  return { used, ...(monthly.fairUse === undefined ? {} : { fairUse: monthly.fairUse }) };
}
