import { decodeEvent } from '#libs/contracts/stored-events.js';
import type { EventStore, Position, RecordedEvent } from '#libs/event-store/port.js';
import { walletStream } from '#libs/ledger/events.js';
import type { LotDraw, LotRestored, WalletEvent } from '#libs/ledger/wallet/events.js';
import { ADDED_AS, type TransactionType } from '#projections/transactions/rows.js';

/** What one event did to a lot. */
export interface LotMovement {
  readonly type: TransactionType;
  /** Signed, in credits. */
  readonly amount: bigint;
  readonly event: WalletEvent;
  readonly recorded: RecordedEvent;
}

export interface LotMovementPage {
  readonly movements: readonly LotMovement[];
  /** Revision at which the next page begins; undefined on the last one. */
  readonly next: number | undefined;
}

export interface LotMovementQuery {
  readonly userId: string;
  readonly lotId: string;
  readonly fromRevision: number;
  /** Events behind it are left out: the lot's sums do not know them yet. */
  readonly upTo: Position;
  readonly limit: number;
}

/** Events looked at for one page; a page of a lot that rests for long may hold few movements, or none. */
export const SCANNED_EVENTS_MAX = 5_000;

/**
 * A page of what moved a lot, the oldest first, read from the wallet's own stream: the log has every movement once, and
 * a read model of them would cost each charge another row.
 */
export async function lotMovements(
  store: Pick<EventStore, 'readStream'>,
  { userId, lotId, fromRevision, upTo, limit }: LotMovementQuery,
): Promise<LotMovementPage> {
  const movements: LotMovement[] = [];
  let next = fromRevision;
  const options = { from: fromRevision, maxCount: SCANNED_EVENTS_MAX };
  for await (const batch of store.readStream(walletStream(userId), options)) {
    for (const recorded of batch) {
      if (recorded.position > upTo) return { movements, next: undefined };
      if (movements.length >= limit) return { movements, next };
      next = recorded.revision + 1;
      // Decoding is what costs, and most events are about other lots.
      if (recorded.data.includes(lotId)) movements.push(...movementsIn(recorded, lotId));
    }
  }
  const scanned = next - fromRevision;
  return { movements, next: scanned < SCANNED_EVENTS_MAX ? undefined : next };
}

function movementsIn(recorded: RecordedEvent, lotId: string): readonly LotMovement[] {
  const event = decodeEvent(recorded) as WalletEvent;
  const what = amountIn(event, lotId);
  return what === undefined || what.amount === 0n ? [] : [{ ...what, event, recorded }];
}

function amountIn(event: WalletEvent, lotId: string): Pick<LotMovement, 'type' | 'amount'> | undefined {
  switch (event.type) {
    case 'CreditsAdded':
      return event.lotId === lotId ? { type: ADDED_AS[event.origin], amount: event.amount } : undefined;
    case 'CreditsExpired':
      return event.lotId === lotId ? { type: 'expiry', amount: -event.amount } : undefined;
    case 'PromptCharged':
      return { type: 'prompt_charge', amount: -partOf(event.draws, lotId) };
    case 'FlowUnlocked':
      return { type: 'flow_unlock', amount: -partOf(event.draws, lotId) };
    case 'PromptRefunded':
      return { type: 'prompt_refund', amount: restoredTo(event.restored, lotId) };
    case 'FlowUnlockRefunded':
      return { type: 'flow_refund', amount: restoredTo(event.restored, lotId) };
    case 'CreditsRevoked':
      return { type: 'revocation', amount: -partOf(event.lots, lotId) };
    case 'CreditsReinstated':
      return { type: 'reinstatement', amount: partOf(event.lots, lotId) };
    default:
      // What holds reserve does not move.
      return undefined;
  }
}

const partOf = (parts: readonly LotDraw[], lotId: string): bigint =>
  parts.reduce((sum, part) => (part.lotId === lotId ? sum + part.amount : sum), 0n);

/** Into the lot itself, or into it as the refund lot of another that had lapsed. */
const restoredTo = (parts: readonly LotRestored[], lotId: string): bigint =>
  parts.reduce((sum, part) => {
    const target = part.into === 'lot' ? part.lotId : part.refundLotId;
    return part.into !== 'revoked' && target === lotId ? sum + part.amount : sum;
  }, 0n);
