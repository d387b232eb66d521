import { assertNever } from '#libs/kernel/assert-never.js';
import { accept, type CommandContext, type Decision } from '../decision.js';
import type { CreatorCommand, SettleSources, SourceToSettle } from './commands.js';
import type { CreatorEvent } from './events.js';
import { markPayout, requestPayout } from './payouts.js';
import type { Creator } from './state.js';
import type { CreatorTerms } from './terms.js';

/** Decides every command on a creator's stream; time never runs backwards in it (domain rules, section 4). */
export function decideCreator(
  creator: Creator,
  command: CreatorCommand,
  context: CommandContext<CreatorEvent>,
  terms: CreatorTerms,
): Decision<CreatorEvent> {
  const at = creator.status === 'none' ? context.now : Math.max(context.now, creator.lastAt);
  switch (command.type) {
    case 'SettleSources':
      return settleSources(creator, command, at);
    case 'VerifyPayoutDestination': {
      const { creatorId, provider, reference } = command;
      return accept<CreatorEvent>({ type: 'PayoutDestinationVerified', creatorId, at, provider, reference });
    }
    case 'RequestPayout':
      return requestPayout(creator, command, { context, at, terms });
    case 'MarkPayoutSent':
    case 'MarkPayoutSettled':
    case 'MarkPayoutFailed':
      return markPayout(creator, command, { context, at });
    default:
      return assertNever(command);
  }
}

/**
 * Exactly once: sources at or below the last settled one are skipped, so a batch can be offered again after a crash
 * or by a second process (domain rules, section 4).
 */
function settleSources(
  creator: Creator,
  { creatorId, sources }: SettleSources,
  at: number,
): Decision<CreatorEvent> {
  const lastSource = creator.status === 'none' ? 0n : creator.lastSource;
  const fresh = sources.filter(({ source }) => source.position > lastSource);
  return accept<CreatorEvent>(...fresh.map((share) => ({ creatorId, at, ...settledBy(share) })));
}

function settledBy(share: SourceToSettle) {
  const { amount, earnedAt, source } = share;
  return share.kind === 'earned'
    ? ({ type: 'CreatorPaid', amount, earnedAt, funding: share.funding, source } as const)
    : ({ type: 'CreatorEarningsReversed', amount, earnedAt, source } as const);
}
