import type { CommandContext, Decision } from '#libs/ledger/decision.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { Balance } from '#libs/ledger/wallet/balance.js';

/** What the executor must know of one kind of stream: how it folds and how it decides. Pure. */
export interface StreamDefinition<S, C, E extends LedgerEvent> {
  readonly initial: S;
  evolve(state: S, event: E): S;
  decide(state: S, command: C, context: CommandContext): Decision<E>;
  /** Events that time alone makes due, when a command's own append could not hold them as well. */
  due?(state: S, context: CommandContext): readonly E[];
  /** Kept in the metadata of each event of the stream. */
  balance?(state: S, event: E): Balance | undefined;
}
