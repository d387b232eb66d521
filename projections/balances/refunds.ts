import { periodStart } from '#libs/kernel/period.js';
import type { LotRestored, PromptRefunded } from '#libs/ledger/wallet/events.js';
import type { Change } from '#libs/projection-runner/projection.js';
import { type Fact, restored, sumOf, used } from './changes.js';
import { refundLots } from './lot-tables.js';

/** The paying side of a refund. */
export function refunded(
  event: Fact & Pick<PromptRefunded, 'chargedAt'>,
  parts: readonly LotRestored[],
  revision: number,
  { uncollected, allowance }: Pick<PromptRefunded, 'uncollected' | 'allowance'>,
): readonly Change[] {
  const revoked = parts.filter(({ into }) => into === 'revoked');
  return [
    ...parts.flatMap((part) => restoredPart(event, part, revision)),
    used(event, {
      uncollected: -(uncollected + sumOf(revoked, ({ amount }) => amount)),
      ...(allowance === 0n
        ? {}
        : { allowancePeriodMs: periodStart(event.chargedAt), allowanceUsed: -allowance }),
    }),
  ];
}

function restoredPart(event: Fact, part: LotRestored, revision: number): readonly Change[] {
  const { into, amount, refundLotId } = part;
  if (into === 'lot') return [restored(event, part, { restored: amount })];
  if (into === 'revoked') return [restored(event, part, { refundedUnrestored: amount })];
  if (refundLotId === undefined) throw new Error(`The refund lot for lot ${part.lotId} has no id.`);
  return [
    refundLots.change({
      userId: event.userId,
      lotId: refundLotId,
      sourceLotId: part.lotId,
      origin: part.origin,
      amount,
      addedAtMs: event.at,
      expiresAtMs: part.expiresAt,
      firstRevision: revision,
    }),
    restored(event, part, { movedOut: amount }),
  ];
}
