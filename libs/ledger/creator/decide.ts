import type { Credits } from '#libs/kernel/credits.js';
import type { CreatorId } from '#libs/kernel/ids.js';
import { accept, type CommandContext, type Decision } from '../decision.js';
import type { CreatorEvent, CreatorPaidSource, Funding } from './events.js';
import type { Creator } from './state.js';

export interface SourceToSettle {
  readonly source: CreatorPaidSource;
  readonly amount: Credits;
  readonly earnedAt: number;
  readonly funding: Funding;
}

/** Accrues the creator's shares of charges and unlocks, given in log order. */
export interface SettleSources {
  readonly type: 'SettleSources';
  readonly creatorId: CreatorId;
  readonly sources: readonly SourceToSettle[];
}

/**
 * Exactly once: sources at or below the last settled one are skipped, so a batch can be offered again after a crash
 * or by a second process (domain rules, section 4).
 */
export function decideCreator(
  creator: Creator,
  command: SettleSources,
  context: CommandContext,
): Decision<CreatorEvent> {
  const lastSource = creator.status === 'none' ? 0n : creator.lastSource;
  const at = creator.status === 'none' ? context.now : Math.max(context.now, creator.lastAt);
  const fresh = command.sources.filter(({ source }) => source.position > lastSource);
  return accept<CreatorEvent>(
    ...fresh.map(({ source, amount, earnedAt, funding }): CreatorEvent => ({
      type: 'CreatorPaid',
      creatorId: command.creatorId,
      at,
      amount,
      earnedAt,
      funding,
      source,
    })),
  );
}
