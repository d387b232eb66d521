import { formatPosition } from '#libs/event-store/position.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import type { LotStatement } from '#projections/balances/lot-queries.js';
import type { LotMovement } from './lot-movements.js';

const iso = (t: number): string => new Date(t).toISOString();

/** One lot as a statement shows it: `original + refunded + reinstated = drawn + expired + revoked + remaining`. */
export function lotStatementOf(lot: LotStatement): Readonly<Record<string, unknown>> {
  const { id, kind, origin, paymentId, costBasis, expiresAt } = lot;
  return {
    id,
    kind,
    origin,
    original: lot.original.toString(),
    drawn: lot.drawn.toString(),
    refunded: lot.refunded.toString(),
    refundedElsewhere: lot.refundedElsewhere.toString(),
    refundedUnrestored: lot.refundedUnrestored.toString(),
    expired: lot.expired.toString(),
    revoked: lot.revoked.toString(),
    reinstated: lot.reinstated.toString(),
    remaining: lot.remaining.toString(),
    reserved: lot.reserved.toString(),
    addedAt: iso(lot.addedAt),
    expiresAt: expiresAt === undefined ? undefined : iso(expiresAt),
    paymentId,
    costBasis:
      costBasis === undefined
        ? undefined
        : {
            currency: costBasis.currency,
            minorUnits: costBasis.minorUnits.toString(),
            providerFeeMinorUnits: costBasis.providerFeeMinorUnits.toString(),
          },
  };
}

/** One movement of a lot; `id` is that of the event, as in the wallet's transactions. */
export function lotMovementOf(
  { type, amount, event, recorded }: LotMovement,
  logId: string,
): Readonly<Record<string, unknown>> {
  return {
    id: recorded.id,
    type,
    amount: amount.toString(),
    occurredAt: iso(event.at),
    position: formatPosition(logId, recorded.position),
    reference: referenceOf(event),
  };
}

function referenceOf(event: WalletEvent): string | undefined {
  switch (event.type) {
    case 'CreditsAdded':
      return event.reference;
    case 'CreditsRevoked':
    case 'CreditsReinstated':
      return event.paymentId;
    case 'PromptCharged':
    case 'PromptRefunded':
      return event.runId;
    case 'FlowUnlocked':
    case 'FlowUnlockRefunded':
      return event.flowId;
    default:
      return undefined;
  }
}
