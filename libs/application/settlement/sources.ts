import { decodeEvent } from '#libs/contracts/stored-events.js';
import type { RecordedEvent } from '#libs/event-store/port.js';
import type { CreatorId } from '#libs/kernel/ids.js';
import type { SourceToSettle } from '#libs/ledger/creator/decide.js';
import { fundingOf } from '#libs/ledger/creator/funding.js';

/** What earns a creator something, by creator, in log order. */
export type SourcesByCreator = ReadonlyMap<CreatorId, readonly SourceToSettle[]>;

/** Finds the creator shares in a batch of charges and unlocks. */
export function sourcesOf(batch: readonly RecordedEvent[]): SourcesByCreator {
  const byCreator = new Map<CreatorId, SourceToSettle[]>();
  for (const recorded of batch) {
    const source = sourceOf(recorded);
    if (source === undefined) continue;
    const known = byCreator.get(source.creatorId);
    if (known) known.push(source.toSettle);
    else byCreator.set(source.creatorId, [source.toSettle]);
  }
  return byCreator;
}

function sourceOf(recorded: RecordedEvent): { creatorId: CreatorId; toSettle: SourceToSettle } | undefined {
  const event = decodeEvent(recorded);
  if (event.type !== 'PromptCharged' && event.type !== 'FlowUnlocked') return undefined;
  if (event.creatorId === undefined || event.creatorShare === 0n) return undefined;
  return {
    creatorId: event.creatorId,
    toSettle: {
      amount: event.creatorShare,
      earnedAt: event.at,
      funding: fundingOf(event),
      source: {
        kind: event.type === 'PromptCharged' ? 'prompt' : 'flow',
        position: recorded.position,
        eventId: recorded.id,
        userId: event.userId,
        reference: event.type === 'PromptCharged' ? event.runId : event.flowId,
      },
    },
  };
}
