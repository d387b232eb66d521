import type { CreatorCommand } from './commands.js';
import type { CreatorEvent } from './events.js';

export const payoutKey = (payoutId: string): string => `payout:${payoutId}`;

/** Business ids that an event of a creator's stream uses: the latest event of a payout tells its state. */
export function creatorIdsOf(event: CreatorEvent): readonly string[] {
  return 'payoutId' in event ? [payoutKey(event.payoutId)] : [];
}

/** Business ids that deciding the command asks for. */
export function creatorIdsNamedBy(command: CreatorCommand): readonly string[] {
  return 'payoutId' in command ? [payoutKey(command.payoutId)] : [];
}
