import { formatPosition } from '#libs/event-store/position.js';
import type { Transaction } from '#projections/transactions/queries.js';

/** One transaction as the interface shows it; fields its type does not have are absent. */
export function transactionOf(transaction: Transaction, logId: string): Readonly<Record<string, unknown>> {
  const { amount, allowance, balanceAfter, occurredAt, position, cost, ...rest } = transaction;
  return {
    ...rest,
    amount: amount.toString(),
    balanceAfter: balanceAfter.toString(),
    occurredAt: new Date(occurredAt).toISOString(),
    position: formatPosition(logId, position),
    ...(transaction.type === 'prompt_charge' && cost !== undefined
      ? {
          allowance: allowance.toString(),
          inferenceCost: cost.inference.toString(),
          platformMarkup: cost.markup.toString(),
          byokFee: cost.byokFee.toString(),
          creatorFee: cost.creatorFee.toString(),
        }
      : {}),
    // The creator fee of an unlock is the price of the flow.
    ...(transaction.type === 'flow_unlock' && cost !== undefined
      ? { price: cost.creatorFee.toString() }
      : {}),
  };
}
