import { LOG_START } from '#libs/event-store/port.js';
import type { Earnings } from '#libs/ledger/creator/earnings.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { Refusal } from '#libs/ledger/refusal.js';
import type { Balance } from '#libs/ledger/wallet/balance.js';
import type { Envelope } from './envelope.js';
import type { NotApplied, Outcome } from './outcome.js';
import type { KeyEntry } from './window.js';

/** `bulk`: others may go first. `preview`: only asks whether the command would be accepted; writes nothing. */
export type RequestMode = 'single' | 'bulk' | 'preview';

/** A command with the envelope it travels in. */
export interface EnvelopedCommand<C> {
  readonly envelope: Envelope;
  readonly command: C;
}

/** A command as the executor queues it, with its clock reading and command id. */
export interface RequestItem<C> extends EnvelopedCommand<C> {
  readonly now: number;
  readonly commandId: string;
}

/** What is queued as one: a command, or a group of commands that take effect together or not at all. */
export interface Request<C> {
  readonly items: readonly RequestItem<C>[];
  readonly mode: RequestMode;
}

/** What was decided of one command, before anything is written. */
export type Verdict<E extends LedgerEvent> =
  | {
      readonly kind: 'write';
      readonly events: readonly E[];
      readonly ids: readonly string[];
      /** Of its last event among those of the batch. */
      readonly lastIndex: number;
      readonly balance?: Balance;
      readonly earnings?: Earnings;
    }
  | { readonly kind: 'replay'; readonly entry: KeyEntry }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | NotApplied
  /** Accepted without events, or a preview that would be accepted. */
  | { readonly kind: 'nothing' };

/** One verdict a command, or the error that the deciding of one of them threw. */
export type RequestVerdict<E extends LedgerEvent> =
  | { readonly kind: 'decided'; readonly verdicts: readonly Verdict<E>[] }
  | { readonly kind: 'fault'; readonly error: unknown };

/** The answer of a verdict, once the batch's events are at `positions`. */
export function outcomeOf<E extends LedgerEvent>(
  verdict: Exclude<Verdict<E>, { kind: 'replay' }>,
  positions: readonly bigint[],
): Outcome<E> | NotApplied {
  switch (verdict.kind) {
    case 'refused':
    case 'not_applied':
      return verdict;
    case 'nothing':
      return { kind: 'done', replayed: false, events: [], eventIds: [], position: LOG_START };
    case 'write':
      return {
        kind: 'done',
        replayed: false,
        events: verdict.events,
        eventIds: verdict.ids,
        position: positions[verdict.lastIndex] ?? LOG_START,
        ...(verdict.balance === undefined ? {} : { balanceAfter: verdict.balance }),
        ...(verdict.earnings === undefined ? {} : { earningsAfter: verdict.earnings }),
      };
  }
}
