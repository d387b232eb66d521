import type { ClientBase } from 'pg';
import type { PublicEvent, PublicEventType } from '#libs/contracts/public/public-event.js';

/** What became of a message: it had its effect, or there was nothing to do and why. */
export type Handled = 'done' | { readonly skipped: string };

/**
 * Acts on public events. Its effects are rows, written through `tx` in the transaction that also remembers the message:
 * both happen or none. Whatever lies outside Postgres is done later from those rows, under a key that follows from them.
 */
export interface Consumer {
  /** Lower-case word with dashes, for example `notifications`: names its inbox and its consumer group. For ever. */
  readonly name: string;
  /** All other types are passed over. */
  readonly types: readonly PublicEventType[];
  /**
   * Events of one stream come one after another in log order, each once it was not handled before.
   * @throws PoisonMessageError when no repetition can help: the message is parked at once
   * @throws any other error: tried again after a growing pause, and parked when tries run out
   */
  handle(event: PublicEvent, tx: ClientBase): Promise<Handled>;
  /**
   * Asked once a transaction, before any of its events is handled: those for which there is nothing to do are skipped.
   * A consumer that most events do not concern finds that out here for all of them by one question.
   */
  readonly passOver?: (events: readonly PublicEvent[], tx: ClientBase) => Promise<PassedOver>;
}

/** Events that need not be handled. */
export interface PassedOver {
  readonly ids: ReadonlySet<string>;
  readonly reason: string;
}

/** The message itself cannot be handled, now or ever, as it is; `message` says why in words for an operator. */
export class PoisonMessageError extends Error {
  override readonly name = 'PoisonMessageError';
}
