import { formatPosition } from '#libs/event-store/position.js';
import type { Transaction } from '#projections/transactions/queries.js';

/** One transaction as the interface shows it; fields its type does not have are absent. */
export function transactionOf(transaction: Transaction, logId: string): Readonly<Record<string, unknown>> {
  const { id, type, reference, reason, lotId, lotKind, model, creatorId, plan, holdId, refundId } =
    transaction;
  return {
    id,
    type,
    amount: transaction.amount.toString(),
    balanceAfter: transaction.balanceAfter.toString(),
    availableAfter: transaction.availableAfter.toString(),
    occurredAt: new Date(transaction.occurredAt).toISOString(),
    description: descriptionOf(transaction),
    position: formatPosition(logId, transaction.position),
    reference,
    reason,
    lotId,
    lotKind,
    model,
    creatorId,
    plan,
    holdId,
    refundId,
    ...(transaction.uncollected === 0n ? {} : { uncollected: transaction.uncollected.toString() }),
    ...partsOf(transaction),
  };
}

function partsOf({ type, allowance, cost, paid }: Transaction): Readonly<Record<string, unknown>> {
  switch (type) {
    case 'prompt_charge':
    case 'prompt_refund':
      return {
        allowance: allowance.toString(),
        inferenceCost: cost?.inference.toString(),
        platformMarkup: cost?.markup.toString(),
        byokFee: cost?.byokFee.toString(),
        creatorFee: cost?.creatorFee.toString(),
      };
    case 'flow_unlock':
    case 'flow_refund':
      // The creator fee of an unlock is the price of the flow.
      return { price: cost?.creatorFee.toString() };
    case 'subscription':
      return { price: paid?.toString() };
    default:
      return {};
  }
}

/** In English, for people. */
function descriptionOf({ type, model, reference, reason, lotKind, creatorId, plan }: Transaction): string {
  switch (type) {
    case 'prompt_charge':
      return `Run ${reference} on ${model}`;
    case 'prompt_refund':
      return `Run ${reference} refunded (${reason})`;
    case 'flow_unlock':
      return `Flow ${reference} of ${creatorId} unlocked`;
    case 'flow_refund':
      return `Flow ${reference} of ${creatorId} refunded (${reason})`;
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
      return `Credits expired (${lotKind})`;
    case 'revocation':
      return reference === undefined
        ? `Credits taken back (${reason})`
        : `Credits taken back, payment ${reference} (${reason})`;
    case 'reinstatement':
      return `Credits given back, payment ${reference}`;
    case 'subscription':
      return `Plan ${plan} paid, payment ${reference}`;
  }
}
