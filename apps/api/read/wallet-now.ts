import type { PlanTable } from '#libs/ledger/plans/plan-table.js';
import type { Terms } from '#libs/ledger/pricing/terms.js';
import { advance } from '#libs/ledger/wallet/advance.js';
import type { LiveWallet } from '#libs/ledger/wallet/state.js';

/** A wallet as it is at `t`, milliseconds since the epoch, and the plans in force then. */
export interface WalletNow {
  readonly wallet: LiveWallet;
  readonly t: number;
  readonly plans: PlanTable;
}

/**
 * Stored rows are a function of events alone; what time has made due since (a hold's time-out, a lapsed lot, a new
 * month's grant) is applied by the same `advance` that deciders use (domain rules, section 4).
 */
export function walletNow(stored: LiveWallet, now: number, terms: Pick<Terms, 'plansAt'>): WalletNow {
  const t = Math.max(now, stored.lastAt);
  const plans = terms.plansAt(t);
  return { wallet: advance(stored, t, plans).wallet, t, plans };
}
