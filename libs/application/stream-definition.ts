import type { CommandContext, Decision } from '#libs/ledger/decision.js';
import type { Earnings } from '#libs/ledger/creator/earnings.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { Balance } from '#libs/ledger/wallet/balance.js';

/** The stored form of a folded state. */
export interface SnapshotCodec<S> {
  /** Raised whenever `evolve`, the state or its text changes: an older snapshot is then of no use. */
  readonly version: number;
  encode(state: S): string;
  /** @throws when the text is not that of a state */
  decode(text: string): S;
}

/** What the executor must know of one kind of stream: how it folds and how it decides. Pure. */
export interface StreamDefinition<S, C, E extends LedgerEvent> {
  readonly initial: S;
  evolve(state: S, event: E): S;
  /** What it throws fails this command alone. */
  decide(state: S, command: C, context: CommandContext<E>): Decision<E>;
  /** What may go ahead in an append of its own, when the command's append could not hold it as well; not too much. */
  due?(state: S, command: C, context: CommandContext<E>): readonly E[];
  /** Kept in the metadata of each event of the stream. */
  balance?(state: S, event: E): Balance | undefined;
  /** The same for a creator's stream. */
  earnings?(state: S, event: E): Earnings | undefined;
  /** Business ids that the event uses, such as `run:<runId>`: the last event that used an id answers for it. */
  idsOf(event: E): readonly string[];
  /** Ids that deciding the command will ask for first: they are looked up together. */
  idsNamedBy(command: C): readonly string[];
  /** Without it the stream is always folded from its beginning. */
  readonly snapshot?: SnapshotCodec<S>;
}
