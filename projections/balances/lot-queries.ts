import type { LotKind, LotOrigin } from '#libs/ledger/wallet/vocabulary.js';
import { type AsOf, queryAsOf, withValue } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const LIST_LOTS = {
  name: 'list-lots',
  text: sqlFile(import.meta.dirname, 'list-lots.sql'),
  key: 'lot_id',
};

/**
 * What became of a lot, in credits: `original + refunded + reinstated = drawn + expired + revoked + remaining`.
 * As recorded: what time alone has made due meanwhile is not yet in it.
 */
export interface LotStatement {
  readonly id: string;
  /** 1, 2, 3, ... in the order in which the wallet got its lots. */
  readonly number: number;
  readonly kind: LotKind;
  readonly origin: LotOrigin;
  readonly original: bigint;
  /** Spent, refunds not taken off. */
  readonly drawn: bigint;
  /** Came back to this lot. */
  readonly refunded: bigint;
  /** Came back to another lot, because this one had lapsed. */
  readonly refundedElsewhere: bigint;
  /** Would have come back, but the lot is or was revoked: it lowered what is uncollected. */
  readonly refundedUnrestored: bigint;
  readonly expired: bigint;
  /** Taken back by a chargeback, a correction or the closing of the wallet. */
  readonly revoked: bigint;
  /** Given back after a dispute was won. */
  readonly reinstated: bigint;
  readonly remaining: bigint;
  /** Part of `remaining` that open holds have reserved. */
  readonly reserved: bigint;
  /** Milliseconds since the epoch. */
  readonly addedAt: number;
  readonly expiresAt: number | undefined;
  readonly paymentId: string | undefined;
  readonly costBasis:
    | { readonly currency: string; readonly minorUnits: bigint; readonly providerFeeMinorUnits: bigint }
    | undefined;
  /** Of the event in the wallet's stream that made the lot. */
  readonly firstRevision: number;
}

interface LotColumns {
  readonly lot_id: string;
  readonly number: string;
  readonly kind: LotKind;
  readonly origin: LotOrigin;
  readonly original: string;
  readonly drawn: string;
  readonly restored: string;
  readonly moved_out: string;
  readonly refunded_unrestored: string;
  readonly expired: string;
  readonly revoked: string;
  readonly reinstated: string;
  readonly remaining: string;
  readonly reserved: string;
  readonly added_at_ms: string;
  readonly expires_at_ms: string | null;
  readonly payment_id: string | null;
  readonly cost_currency: string | null;
  readonly cost_minor_units: string | null;
  readonly cost_provider_fee: string | null;
  readonly first_revision: number;
}

export interface LotFilter {
  readonly userId: string;
  /** This lot alone. */
  readonly lotId?: string;
  /** Number of the last lot of the page before; pages go from new to old. */
  readonly before?: number;
  readonly limit: number;
}

/** Every lot a wallet ever had, the newest first. */
export async function listLots(
  db: Queryable,
  { userId, lotId, before, limit }: LotFilter,
): Promise<AsOf<readonly LotStatement[]>> {
  const found = await queryAsOf<LotColumns>(db, LIST_LOTS, [userId, lotId ?? null, before ?? null, limit]);
  return withValue(found, found.value.map(statementOf));
}

const statementOf = (row: LotColumns): LotStatement => ({
  id: row.lot_id,
  number: Number(row.number),
  kind: row.kind,
  origin: row.origin,
  original: BigInt(row.original),
  drawn: BigInt(row.drawn),
  refunded: BigInt(row.restored),
  refundedElsewhere: BigInt(row.moved_out),
  refundedUnrestored: BigInt(row.refunded_unrestored),
  expired: BigInt(row.expired),
  revoked: BigInt(row.revoked),
  reinstated: BigInt(row.reinstated),
  remaining: BigInt(row.remaining),
  reserved: BigInt(row.reserved),
  addedAt: Number(row.added_at_ms),
  expiresAt: row.expires_at_ms === null ? undefined : Number(row.expires_at_ms),
  paymentId: row.payment_id ?? undefined,
  costBasis:
    row.cost_currency === null
      ? undefined
      : {
          currency: row.cost_currency,
          minorUnits: BigInt(row.cost_minor_units!),
          providerFeeMinorUnits: BigInt(row.cost_provider_fee!),
        },
  firstRevision: row.first_revision,
});
