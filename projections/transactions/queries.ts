import { type AsOf, queryAsOf, withValue } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';
import type { TransactionType } from './project.js';

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
  /** What an unlimited plan covered on top. */
  readonly allowance: bigint;
  /** Available right after. */
  readonly balanceAfter: bigint;
  readonly occurredAt: number;
  /** In English, for people. */
  readonly description: string;
  /** Run id, flow id, payment id or the caller's own reference. */
  readonly reference: string | undefined;
  readonly lotId: string | undefined;
  readonly lotKind: string | undefined;
  readonly model: string | undefined;
  readonly creatorId: string | undefined;
  readonly reason: string | undefined;
  /** Of charges and unlocks. */
  readonly cost: TransactionCost | undefined;
}

interface TransactionColumns {
  readonly transaction_position: string;
  readonly type: TransactionType;
  readonly amount: string;
  readonly allowance: string;
  readonly balance_after: string;
  readonly occurred_at_ms: string;
  readonly event_id: string;
  readonly reference: string | null;
  readonly lot_id: string | null;
  readonly lot_kind: string | null;
  readonly model: string | null;
  readonly creator_id: string | null;
  readonly reason: string | null;
  readonly inference: string | null;
  readonly markup: string | null;
  readonly byok_fee: string | null;
  readonly creator_fee: string | null;
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
    balanceAfter: BigInt(row.balance_after),
    occurredAt: Number(row.occurred_at_ms),
    description: describe(row),
    reference: row.reference ?? undefined,
    lotId: row.lot_id ?? undefined,
    lotKind: row.lot_kind ?? undefined,
    model: row.model ?? undefined,
    creatorId: row.creator_id ?? undefined,
    reason: row.reason ?? undefined,
    cost: row.creator_fee === null ? undefined : costOf(row),
  };
}

const costOf = (row: TransactionColumns): TransactionCost => ({
  inference: BigInt(row.inference ?? 0),
  markup: BigInt(row.markup ?? 0),
  byokFee: BigInt(row.byok_fee ?? 0),
  creatorFee: BigInt(row.creator_fee ?? 0),
});

function describe({ type, model, reference, reason, lot_kind, creator_id }: TransactionColumns): string {
  switch (type) {
    case 'prompt_charge':
      return `Run ${reference} on ${model}`;
    case 'flow_unlock':
      return `Flow ${reference} of ${creator_id} unlocked`;
    case 'purchase':
      return `Credits bought, payment ${reference}`;
    case 'promo':
      return `Credits given (${reason})`;
    case 'adjustment':
      return `Credits adjusted (${reason})`;
    case 'monthly_grant':
      return "Plan's monthly credits";
    case 'opening':
      return 'Opening balance';
    case 'expiry':
      return `Credits expired (${lot_kind})`;
  }
}
