import type { Position } from '#libs/event-store/port.js';
import type { Earnings } from '#libs/ledger/creator/earnings.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { Refusal } from '#libs/ledger/refusal.js';
import type { Balance } from '#libs/ledger/wallet/balance.js';

/** A command that took effect, now or under the same key before. */
export interface Done<E extends LedgerEvent = LedgerEvent> {
  readonly kind: 'done';
  /** True when the key had taken effect before: this is the first result. */
  readonly replayed: boolean;
  /** What the command wrote, with everything time had made due before it. */
  readonly events: readonly E[];
  readonly eventIds: readonly string[];
  /** Log position of the last event; a read with this as `minPosition` sees the command's effect. */
  readonly position: Position;
  /** Balance of the wallet right after; absent for streams other than wallets. */
  readonly balanceAfter?: Balance;
  /** Earnings of the creator right after a command on payouts. */
  readonly earningsAfter?: Earnings;
}

export interface Refused {
  readonly kind: 'refused';
  readonly refusal: Refusal;
}

export type Outcome<E extends LedgerEvent = LedgerEvent> = Done<E> | Refused;

/** The append may or may not have taken effect; the same key is safe to send again (`outcome.unknown`). */
export class OutcomeUnknownFault extends Error {
  override readonly name = 'OutcomeUnknownFault';
}

/** Nothing was written: the queue is full or the store cannot be reached (`service.overloaded`). */
export class OverloadedFault extends Error {
  override readonly name = 'OverloadedFault';
}

/** This process cannot answer safely until it has read the log again (`service.catching_up`). Nothing was written. */
export class CatchingUpFault extends Error {
  override readonly name = 'CatchingUpFault';
}

/** A single command needs more than one append can hold (`request.too_large`). Nothing was written. */
export class CommandTooLargeFault extends Error {
  override readonly name = 'CommandTooLargeFault';
}

/** Nothing was written: another command of the same group was refused, and a group takes effect as a whole or not. */
export interface NotApplied {
  readonly kind: 'not_applied';
  /** Place of the refused command in the group, from 0. */
  readonly refusedIndex: number;
}
