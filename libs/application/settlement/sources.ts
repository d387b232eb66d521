import { decodeEvent } from '#libs/contracts/stored-events.js';
import type { RecordedEvent } from '#libs/event-store/port.js';
import type { Credits } from '#libs/kernel/credits.js';
import type { CreatorId } from '#libs/kernel/ids.js';
import type { SourceToSettle } from '#libs/ledger/creator/commands.js';
import type { EarningSource } from '#libs/ledger/creator/events.js';
import { fundingOf } from '#libs/ledger/creator/funding.js';
import type { LedgerEvent } from '#libs/ledger/events.js';

/** Wallet events that earn a creator something or take it back. */
export const SOURCE_TYPES = [
  'PromptCharged',
  'FlowUnlocked',
  'PromptRefunded',
  'FlowUnlockRefunded',
] as const;

/** What earns a creator something or takes it back, by creator, in log order. */
export type SourcesByCreator = ReadonlyMap<CreatorId, readonly SourceToSettle[]>;

/** Finds the creator shares in a batch of charges, unlocks and refunds. */
export function sourcesOf(batch: readonly RecordedEvent[]): SourcesByCreator {
  const byCreator = new Map<CreatorId, SourceToSettle[]>();
  for (const recorded of batch) {
    const share = shareOf(decodeEvent(recorded));
    // An own prompt has a creator and no fee.
    if (share?.creatorId === undefined || share.amount === 0n) continue;
    const known = byCreator.get(share.creatorId);
    const source = toSettle(recorded, share);
    if (known) known.push(source);
    else byCreator.set(share.creatorId, [source]);
  }
  return byCreator;
}

interface FoundShare extends Pick<EarningSource, 'kind' | 'userId' | 'reference'> {
  readonly creatorId: CreatorId | undefined;
  readonly amount: Credits;
  readonly earnedAt: number;
  readonly event: LedgerEvent;
}

function shareOf(event: LedgerEvent): FoundShare | undefined {
  switch (event.type) {
    case 'PromptCharged': {
      const { userId, creatorId, creatorShare: amount, runId: reference, at: earnedAt } = event;
      return { kind: 'prompt', event, userId, creatorId, amount, reference, earnedAt };
    }
    case 'FlowUnlocked': {
      const { userId, creatorId, creatorShare: amount, flowId: reference, at: earnedAt } = event;
      return { kind: 'flow', event, userId, creatorId, amount, reference, earnedAt };
    }
    case 'PromptRefunded': {
      const { userId, creatorId, parts, runId: reference, chargedAt: earnedAt } = event;
      return {
        kind: 'prompt_refund',
        event,
        userId,
        creatorId,
        amount: parts.creatorShare,
        reference,
        earnedAt,
      };
    }
    case 'FlowUnlockRefunded': {
      const { userId, creatorId, creatorShare: amount, flowId: reference, chargedAt: earnedAt } = event;
      return { kind: 'flow_refund', event, userId, creatorId, amount, reference, earnedAt };
    }
    default:
      return undefined;
  }
}

function toSettle({ position, id }: RecordedEvent, share: FoundShare): SourceToSettle {
  const { kind, userId, reference, amount, earnedAt, event } = share;
  const settled = { source: { kind, position, eventId: id, userId, reference }, amount, earnedAt };
  return event.type === 'PromptCharged' || event.type === 'FlowUnlocked'
    ? { kind: 'earned', ...settled, funding: fundingOf(event) }
    : { kind: 'reversed', ...settled };
}
