import { CreatorId, PayoutId } from '#libs/kernel/ids.js';
import type { CreatorCommand } from '#libs/ledger/creator/commands.js';
import { decideCreator } from '#libs/ledger/creator/decide.js';
import type { CreatorEvent } from '#libs/ledger/creator/events.js';
import { creatorIdsOf } from '#libs/ledger/creator/ids.js';
import { type Creator, evolveCreator, NO_CREATOR } from '#libs/ledger/creator/state.js';
import { STANDARD_CREATOR_TERMS } from '#libs/ledger/creator/terms.js';
import type { Past } from '#libs/ledger/decision.js';
import type { Dice } from './random.js';

/** A creator that lives by the ledger's own decider. */
export class CreatorLife implements Past<CreatorEvent> {
  readonly creatorId: CreatorId;
  creator: Creator = NO_CREATOR;
  readonly #events: CreatorEvent[] = [];
  readonly #revisions = new Map<string, number>();
  #payouts = 0;

  constructor(creatorId: string) {
    this.creatorId = CreatorId.of(creatorId);
  }

  revisionOf(id: string): number | undefined {
    return this.#revisions.get(id);
  }

  eventAt(revision: number): CreatorEvent {
    return this.#events[revision]!;
  }

  /** The events of a command, which have happened; none when it was refused. */
  send(command: CreatorCommand, now: number, commandId: string): readonly CreatorEvent[] {
    const context = { now, commandId, past: this };
    const decision = decideCreator(this.creator, command, context, STANDARD_CREATOR_TERMS);
    if (decision.kind === 'refused') return [];
    for (const event of decision.events) {
      const revision = this.#events.push(event) - 1;
      for (const id of creatorIdsOf(event)) this.#revisions.set(id, revision);
      this.creator = evolveCreator(this.creator, event);
    }
    return decision.events;
  }

  /** A destination, a payout, or what became of an earlier one. */
  next(dice: Dice): CreatorCommand {
    const { creatorId } = this;
    if (dice.chance(0.2)) {
      return {
        type: 'VerifyPayoutDestination',
        creatorId,
        provider: 'stripe',
        reference: `acct-${dice.hex(4)}`,
      };
    }
    if (this.#payouts === 0 || dice.chance(0.4)) {
      return { type: 'RequestPayout', creatorId, payoutId: PayoutId.of(`payout-${++this.#payouts}`) };
    }
    const payoutId = PayoutId.of(`payout-${1 + dice.below(this.#payouts)}`);
    const mark = dice.below(3);
    if (mark === 0) return { type: 'MarkPayoutSent', creatorId, payoutId };
    if (mark === 1) return { type: 'MarkPayoutSettled', creatorId, payoutId };
    return { type: 'MarkPayoutFailed', creatorId, payoutId, reason: 'returned' };
  }
}
