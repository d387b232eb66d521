import { formatPosition } from '#libs/event-store/position.js';
import type { TransactionRow } from '#projections/transactions/project.js';

/** One transaction as the interface shows it; fields its type does not have are absent. */
export function transactionOf(row: TransactionRow, logId: string): Readonly<Record<string, unknown>> {
  const isCharge = row.type === 'prompt_charge';
  return {
    id: row.eventId,
    type: row.type,
    amount: row.amount.toString(),
    balanceAfter: row.balanceAfter.toString(),
    occurredAt: new Date(row.occurredAtMs).toISOString(),
    description: describe(row),
    position: formatPosition(logId, row.position),
    reference: row.reference,
    reason: row.reason,
    lotId: row.lotId,
    lotKind: row.lotKind,
    model: row.model,
    creatorId: row.creatorId,
    allowance: isCharge ? row.allowance.toString() : undefined,
    inferenceCost: row.inference?.toString(),
    platformMarkup: row.markup?.toString(),
    byokFee: row.byokFee?.toString(),
    creatorFee: isCharge ? row.creatorFee?.toString() : undefined,
    price: row.type === 'flow_unlock' ? row.creatorFee?.toString() : undefined,
  };
}

/** One line for a statement: ids and codes only, never free text. */
function describe({ type, reference, model, lotKind, reason, creatorId }: TransactionRow): string {
  switch (type) {
    case 'purchase':
      return `Credits purchased, payment ${reference ?? '?'}`;
    case 'promo':
      return `Promotional credits (${reason ?? 'other'})`;
    case 'adjustment':
      return `Adjustment (${reason ?? 'other'})`;
    case 'monthly_grant':
      return 'Monthly credits of the plan';
    case 'opening':
      return 'Opening balance';
    case 'expiry':
      return `Expired ${lotKind ?? ''} credits`;
    case 'prompt_charge':
      return `Run ${reference ?? '?'} on ${model ?? '?'}`;
    case 'flow_unlock':
      return `Flow ${reference ?? '?'} of ${creatorId ?? '?'} unlocked`;
  }
}
