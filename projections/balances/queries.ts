import { GrowingMap } from '#libs/kernel/growing-map.js';
import type { UserId } from '#libs/kernel/ids.js';
import type { PlanName } from '#libs/ledger/plans/plan-table.js';
import type { LotKind, LotOrigin } from '#libs/ledger/wallet/events.js';
import { compareBurnOrder, type Lot } from '#libs/ledger/wallet/lots.js';
import type { OpenWallet } from '#libs/ledger/wallet/state.js';
import { type AsOf, queryAsOf, withValue } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const READ_WALLET = {
  name: 'read-wallet',
  text: sqlFile(import.meta.dirname, 'read-wallet.sql'),
  key: 'user_id',
};

/** A wallet as events left it; time may have changed it since: `advance` it before showing it. */
export interface WalletView {
  /** Good for `advance` and `balanceOf`: ids used and version are not in this view. */
  readonly wallet: OpenWallet;
  readonly planTable: string;
  readonly planTableVersion: number;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
}

interface WalletLotRow {
  readonly user_id: string;
  readonly plan: string;
  readonly plan_table: string;
  readonly plan_table_version: number;
  readonly opened_at_ms: string;
  readonly granted_period_ms: string;
  readonly allowance_period_ms: string;
  readonly allowance_used: string;
  readonly last_at_ms: string;
  readonly lot_id: string | null;
  readonly kind: string;
  readonly origin: string;
  readonly original: string;
  readonly remaining: string;
  readonly added_at_ms: string;
  readonly expires_at_ms: string | null;
  readonly payment_id: string | null;
}

/** The wallet of a user; undefined when none was opened. */
export async function readWallet(db: Queryable, userId: string): Promise<AsOf<WalletView | undefined>> {
  const found = await queryAsOf<WalletLotRow>(db, READ_WALLET, [userId]);
  const [row] = found.value;
  return withValue(found, row && walletOf(row, found.value));
}

function walletOf(row: WalletLotRow, rows: readonly WalletLotRow[]): WalletView {
  const wallet: OpenWallet = {
    status: 'open',
    userId: row.user_id as UserId,
    plan: row.plan as PlanName,
    lots: rows
      .filter(({ lot_id }) => lot_id !== null)
      .map(lotOf)
      .sort(compareBurnOrder),
    grantedPeriod: Number(row.granted_period_ms),
    allowance: { period: Number(row.allowance_period_ms), used: BigInt(row.allowance_used) },
    lastAt: Number(row.last_at_ms),
    version: 1,
    runs: GrowingMap.empty(),
    flows: GrowingMap.empty(),
    payments: GrowingMap.empty(),
  };
  return {
    wallet,
    planTable: row.plan_table,
    planTableVersion: row.plan_table_version,
    openedAt: Number(row.opened_at_ms),
  };
}

const lotOf = (row: WalletLotRow): Lot => ({
  id: row.lot_id!,
  kind: row.kind as LotKind,
  origin: row.origin as LotOrigin,
  original: BigInt(row.original),
  remaining: BigInt(row.remaining),
  addedAt: Number(row.added_at_ms),
  ...(row.expires_at_ms === null ? {} : { expiresAt: Number(row.expires_at_ms) }),
  ...(row.payment_id === null ? {} : { paymentId: row.payment_id }),
});
