import type { Refusal } from './refusal.js';

/** What a decider answers: events to append, or the reason why there are none. */
export type Decision<E> =
  | { readonly kind: 'accepted'; readonly events: readonly E[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export const accept = <E>(...events: readonly E[]): Decision<E> => ({ kind: 'accepted', events });
export const refuse = (refusal: Refusal): Decision<never> => ({ kind: 'refused', refusal });

/**
 * What a decider may ask about its own stream beyond the folded state: which business ids were used, and what an
 * earlier event said. Whoever provides it may not have the answer at hand; it then throws a signal of its own, finds
 * the answer and has the command decided again, so deciders must not catch what these throw.
 */
export interface Past<E> {
  /** Revision of the last event that used the id, such as `run:<runId>`; undefined when none ever did. */
  revisionOf(id: string): number | undefined;
  eventAt(revision: number): E;
}

/** What every command carries besides its own fields: a decider reads no clock and draws no ids. */
export interface CommandContext<E = unknown> {
  /** The clock, read once for the command; milliseconds since the epoch. */
  readonly now: number;
  /** 32 hex digits derived from the caller and the idempotency key: new ids are made from it. */
  readonly commandId: string;
  readonly past: Past<E>;
}
