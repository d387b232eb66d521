import { CREATOR_EVENTS } from './described/creators.js';
import { CREDITS_EVENTS } from './described/credits.js';
import { RUN_EVENTS } from './described/runs.js';
import { WALLET_EVENTS } from './described/wallet.js';
import type { DataOf } from './field.js';

/**
 * What the world outside the ledger is told (integration events): a promise, unlike the stored events behind it.
 * Amounts are decimal strings of credits (1,000,000 = $1.00), times ISO 8601 UTC. Within a version fields may be added,
 * never removed or retyped.
 */
export const PUBLIC_EVENTS = { ...WALLET_EVENTS, ...CREDITS_EVENTS, ...RUN_EVENTS, ...CREATOR_EVENTS };

type Described = typeof PUBLIC_EVENTS;

/** With its version, for example `promptflow.prompt.charged.v1`. */
export type PublicEventType = keyof Described;

/** Every public type with its version, and what it carries. */
export type PublicEventData = {
  readonly [Type in PublicEventType]: DataOf<Described[Type]['fields']>;
};

export const PUBLIC_EVENT_TYPES = Object.keys(PUBLIC_EVENTS) as readonly PublicEventType[];

export const isPublicEventType = (type: string): type is PublicEventType =>
  Object.hasOwn(PUBLIC_EVENTS, type);

/** What the wallet holds right after an event. */
export type PublicBalance = NonNullable<PublicEventData['promptflow.prompt.charged.v1']['balanceAfter']>;

export interface PublicEventOf<Type extends PublicEventType> {
  /** The stored event's id: the same however often the message comes. */
  readonly id: string;
  readonly type: Type;
  /** `wallet-<userId>` or `creator-<creatorId>`: events of one stream come in their order. */
  readonly stream: string;
  /** `<logId>-<position>`: place in the whole log, increasing within a stream. */
  readonly position: string;
  /** When the store recorded it, ISO 8601 UTC. */
  readonly time: string;
  /** Of the request that caused it, when one is known. */
  readonly correlationId?: string;
  readonly data: PublicEventData[Type];
}

/** One public event, told apart by `type`. */
export type PublicEvent = { [Type in PublicEventType]: PublicEventOf<Type> }[PublicEventType];
