import { formatPosition } from '#libs/event-store/position.js';
import { GrowingMap } from '#libs/kernel/growing-map.js';
import type { PlanTerms } from '#libs/ledger/plans/plan-table.js';
import { advance } from '#libs/ledger/wallet/advance.js';
import { balanceOf } from '#libs/ledger/wallet/balance.js';
import { compareBurnOrder, type Lot } from '#libs/ledger/wallet/lots.js';
import type { OpenWallet } from '#libs/ledger/wallet/state.js';
import { balanceFields } from '../commands/reply.js';
import type { AsOf, WalletRows } from './read-models.js';

interface BalanceContext {
  readonly logId: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly plans: PlanTerms;
}

/**
 * The balance as it is now: stored rows are a function of events alone, so what time has made due since (a lapsed lot,
 * a new month's grant) is applied by the same `advance` that deciders use (domain rules, section 4).
 */
export function walletBalanceText(
  { value, position }: AsOf<WalletRows>,
  { logId, now, plans }: BalanceContext,
): string {
  const t = Math.max(now, value.lastAt);
  const { wallet } = advance(asWallet(value), t, plans);
  return (
    `{"userId":${JSON.stringify(wallet.userId)},"plan":"${wallet.plan}",` +
    `${balanceFields(balanceOf(wallet, t, plans))},"uncollected":"0",` +
    `"lots":[${wallet.lots.map(lotText).join(',')}],` +
    `"asOf":{"position":"${formatPosition(logId, position)}","time":"${new Date(t).toISOString()}"}}`
  );
}

/** Keys and business ids stay empty: no decision is made on this state. */
function asWallet(rows: WalletRows): OpenWallet {
  return {
    ...rows,
    status: 'open',
    lots: [...rows.lots].filter(({ remaining }) => remaining > 0n).sort(compareBurnOrder),
    version: 0,
    runs: GrowingMap.empty(),
    flows: GrowingMap.empty(),
    payments: GrowingMap.empty(),
  };
}

function lotText({ id, kind, origin, original, remaining, expiresAt, paymentId }: Lot): string {
  return JSON.stringify({
    id,
    kind,
    origin,
    original: original.toString(),
    remaining: remaining.toString(),
    reserved: '0',
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
    ...(paymentId === undefined ? {} : { paymentId }),
  });
}
