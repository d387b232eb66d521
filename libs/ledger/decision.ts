import type { Refusal } from './refusal.js';

/** What a decider answers: events to append, or the reason why there are none. */
export type Decision<E> =
  | { readonly kind: 'accepted'; readonly events: readonly E[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export const accept = <E>(...events: readonly E[]): Decision<E> => ({ kind: 'accepted', events });
export const refuse = (refusal: Refusal): Decision<never> => ({ kind: 'refused', refusal });

/** What every command carries besides its own fields: a decider reads no clock and draws no ids. */
export interface CommandContext {
  /** The clock, read once for the command; milliseconds since the epoch. */
  readonly now: number;
  /** 32 hex digits derived from the caller and the idempotency key: new ids are made from it. */
  readonly commandId: string;
}
