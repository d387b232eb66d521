import { type AsOf, queryAsOf, withValue } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';
import type { TransactionType } from './rows.js';

// Planned for its filter each time: a plan for any filter would sort all of a wallet's transactions.
const LIST_TRANSACTIONS = {
  text: sqlFile(import.meta.dirname, 'list-transactions.sql'),
  key: 'transaction_position',
};

export interface TransactionFilter {
  readonly userId: string;
  readonly type?: string;
  /** Inclusive, milliseconds since the epoch. */
  readonly from?: number;
  /** Exclusive, milliseconds since the epoch. */
  readonly to?: number;
  readonly limit: number;
  /** Position of the last transaction of the page before; pages go from new to old. */
  readonly after?: bigint;
}

/** Components of what was paid, in credits. */
export interface TransactionCost {
  readonly inference: bigint;
  readonly markup: bigint;
  readonly byokFee: bigint;
  readonly creatorFee: bigint;
}

/** One movement of a wallet; amounts in credits, times in milliseconds since the epoch. */
export interface Transaction {
  /** Id of the event. */
  readonly id: string;
  readonly position: bigint;
  readonly type: TransactionType;
  /** Signed: positive came in. */
  readonly amount: bigint;
  /** What an unlimited plan covered on top; of a refund, what it covered and got back. */
  readonly allowance: bigint;
  /** Signed: what this added to, or took from, what is uncollected. */
  readonly uncollected: bigint;
  /** What is in the lots right after, held or not: each follows from the one before. */
  readonly balanceAfter: bigint;
  /** The same without what holds have reserved. */
  readonly availableAfter: bigint;
  readonly occurredAt: number;
  /** Run id, flow id, payment id or the caller's own reference. */
  readonly reference: string | undefined;
  readonly refundId: string | undefined;
  /** The hold that a charge settled. */
  readonly holdId: string | undefined;
  readonly lotId: string | undefined;
  readonly lotKind: string | undefined;
  readonly model: string | undefined;
  readonly creatorId: string | undefined;
  readonly plan: string | undefined;
  readonly reason: string | undefined;
  /** Of charges and unlocks, and what refunds gave back of it. */
  readonly cost: TransactionCost | undefined;
  /** What a subscription cost. */
  readonly paid: bigint | undefined;
}

interface TransactionColumns {
  readonly transaction_position: string;
  readonly type: TransactionType;
  readonly amount: string;
  readonly allowance: string;
  readonly uncollected: string;
  readonly balance_after: string;
  readonly available_after: string;
  readonly occurred_at_ms: string;
  readonly event_id: string;
  readonly reference: string | null;
  readonly refund_id: string | null;
  readonly hold_id: string | null;
  readonly lot_id: string | null;
  readonly lot_kind: string | null;
  readonly model: string | null;
  readonly creator_id: string | null;
  readonly plan: string | null;
  readonly reason: string | null;
  readonly inference: string | null;
  readonly markup: string | null;
  readonly byok_fee: string | null;
  readonly creator_fee: string | null;
  readonly paid: string | null;
}

/** A page of a wallet's transactions, newest first. */
export async function listTransactions(
  db: Queryable,
  { userId, after, type, from, to, limit }: TransactionFilter,
): Promise<AsOf<readonly Transaction[]>> {
  const values = [userId, after ?? null, type ?? null, from ?? null, to ?? null, limit];
  const found = await queryAsOf<TransactionColumns>(db, LIST_TRANSACTIONS, values);
  return withValue(found, found.value.map(transactionOf));
}

function transactionOf(row: TransactionColumns): Transaction {
  return {
    id: row.event_id,
    position: BigInt(row.transaction_position),
    type: row.type,
    amount: BigInt(row.amount),
    allowance: BigInt(row.allowance),
    uncollected: BigInt(row.uncollected),
    balanceAfter: BigInt(row.balance_after),
    availableAfter: BigInt(row.available_after),
    occurredAt: Number(row.occurred_at_ms),
    reference: row.reference ?? undefined,
    refundId: row.refund_id ?? undefined,
    holdId: row.hold_id ?? undefined,
    lotId: row.lot_id ?? undefined,
    lotKind: row.lot_kind ?? undefined,
    model: row.model ?? undefined,
    creatorId: row.creator_id ?? undefined,
    plan: row.plan ?? undefined,
    reason: row.reason ?? undefined,
    paid: row.paid === null ? undefined : BigInt(row.paid),
    cost: row.creator_fee === null ? undefined : costOf(row),
  };
}

const costOf = (row: TransactionColumns): TransactionCost => ({
  inference: BigInt(row.inference ?? 0),
  markup: BigInt(row.markup ?? 0),
  byokFee: BigInt(row.byok_fee ?? 0),
  creatorFee: BigInt(row.creator_fee ?? 0),
});
