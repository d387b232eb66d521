import type { LotOrigin } from '#libs/ledger/wallet/vocabulary.js';
import { appendTable, type Change, type LoggedEvent } from '#libs/projection-runner/projection.js';

/** What a user sees as the kind of a transaction. */
export const TRANSACTION_TYPES = [
  'purchase',
  'promo',
  'adjustment',
  'monthly_grant',
  'opening',
  'expiry',
  'prompt_charge',
  'flow_unlock',
  'prompt_refund',
  'flow_refund',
  'revocation',
  'reinstatement',
  'subscription',
] as const;
export type TransactionType = (typeof TRANSACTION_TYPES)[number];

/** How credits that came in are called, by their origin. */
export const ADDED_AS: Readonly<Record<LotOrigin, TransactionType>> = {
  purchased: 'purchase',
  promo: 'promo',
  monthly: 'monthly_grant',
  adjustment: 'adjustment',
  legacy: 'opening',
};

/** Amounts in credits; fields that the type does not have are undefined. */
export interface TransactionRow {
  readonly position: bigint;
  readonly userId: string;
  readonly type: TransactionType;
  /** Signed: what the wallet's lots gained or lost. */
  readonly amount: bigint;
  /** What an unlimited plan covered on top; of a refund, what it covered and got back. */
  readonly allowance: bigint;
  /** Signed: what this added to, or took from, what is uncollected. */
  readonly uncollected: bigint;
  /** What is in the lots right after, held or not. */
  readonly balanceAfter: bigint;
  /** The same without what holds have reserved. */
  readonly availableAfter: bigint;
  readonly occurredAtMs: number;
  readonly eventId: string;
  /** Run id, flow id, payment id or the caller's own reference. */
  readonly reference: string | undefined;
  readonly refundId: string | undefined;
  readonly holdId: string | undefined;
  readonly lotId: string | undefined;
  readonly lotKind: string | undefined;
  readonly model: string | undefined;
  readonly creatorId: string | undefined;
  readonly plan: string | undefined;
  readonly reason: string | undefined;
  readonly inference: bigint | undefined;
  readonly markup: bigint | undefined;
  readonly byokFee: bigint | undefined;
  readonly creatorFee: bigint | undefined;
  /** What a subscription cost: money that is no credits of the wallet. */
  readonly paid: bigint | undefined;
}

export const transactionRows = appendTable<TransactionRow>('transactions', [
  'position',
  'userId',
  'type',
  'amount',
  'allowance',
  'uncollected',
  'balanceAfter',
  'availableAfter',
  'occurredAtMs',
  'eventId',
  'reference',
  'refundId',
  'holdId',
  'lotId',
  'lotKind',
  'model',
  'creatorId',
  'plan',
  'reason',
  'inference',
  'markup',
  'byokFee',
  'creatorFee',
  'paid',
]);

type Own = 'position' | 'userId' | 'type' | 'balanceAfter' | 'availableAfter' | 'occurredAtMs' | 'eventId';

/** @throws when the event does not say which balance it left: every wallet event does. */
export function rowOf(
  { id, position, metadata }: LoggedEvent,
  { userId, at }: { readonly userId: string; readonly at: number },
  type: TransactionType,
  what: Partial<Omit<TransactionRow, Own>> & Pick<TransactionRow, 'amount'>,
): Change {
  const { balance } = metadata;
  if (balance === undefined) {
    throw new Error(`The wallet event at position ${position} carries no balance in its metadata.`);
  }
  return transactionRows.change({
    position,
    userId,
    type,
    amount: what.amount,
    allowance: what.allowance ?? 0n,
    uncollected: what.uncollected ?? 0n,
    balanceAfter: balance.available + balance.held,
    availableAfter: balance.available,
    occurredAtMs: at,
    eventId: id,
    reference: what.reference,
    refundId: what.refundId,
    holdId: what.holdId,
    lotId: what.lotId,
    lotKind: what.lotKind,
    model: what.model,
    creatorId: what.creatorId,
    plan: what.plan,
    reason: what.reason,
    inference: what.inference,
    markup: what.markup,
    byokFee: what.byokFee,
    creatorFee: what.creatorFee,
    paid: what.paid,
  });
}
