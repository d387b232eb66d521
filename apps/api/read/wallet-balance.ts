import { formatPosition } from '#libs/event-store/position.js';
import type { PlanTerms } from '#libs/ledger/plans/plan-table.js';
import { advance } from '#libs/ledger/wallet/advance.js';
import { balanceOf } from '#libs/ledger/wallet/balance.js';
import type { Lot } from '#libs/ledger/wallet/lots.js';
import type { AsOf } from '#libs/projection-runner/as-of.js';
import type { WalletView } from '#projections/balances/queries.js';
import { balanceFields } from '../commands/reply.js';

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
  { value, position }: Pick<AsOf<WalletView>, 'value' | 'position'>,
  { logId, now, plans }: BalanceContext,
): string {
  const t = Math.max(now, value.wallet.lastAt);
  const { wallet } = advance(value.wallet, t, plans);
  return (
    `{"userId":${JSON.stringify(wallet.userId)},"plan":"${wallet.plan}",` +
    `${balanceFields(balanceOf(wallet, t, plans))},"uncollected":"0",` +
    `"lots":[${wallet.lots.filter(hasLeft).map(lotText).join(',')}],` +
    `"asOf":{"position":"${formatPosition(logId, position)}","time":"${new Date(t).toISOString()}"}}`
  );
}

/** A lot used up stays in the view, because a refund may restore it. */
const hasLeft = ({ remaining }: Lot): boolean => remaining > 0n;

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
