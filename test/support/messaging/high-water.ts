import type { PublicEvent } from '#libs/contracts/public/public-event.js';
import { toPublicEvent } from '#libs/contracts/public/to-public-event.js';
import { type EventStore, LOG_START, type Position } from '#libs/event-store/port.js';
import type { ReadMessage } from './topic-reader.js';

export type ByStream = ReadonlyMap<string, readonly PublicEvent[]>;

/** What a reader of the topics makes of them, and what of it had come before. */
export interface Heard {
  /** Of each stream, what lay above its high water, in the order it came. */
  readonly kept: ByStream;
  /** What lay at or below the high water of its stream. */
  readonly repeated: readonly PublicEvent[];
}

export const numberOf = ({ position }: PublicEvent): bigint =>
  BigInt(position.slice(position.indexOf('-') + 1));

/** Reads as consumers are told to: what lies at or below the high water of its stream is passed over. */
export function hearByHighWater(messages: readonly ReadMessage[]): Heard {
  const kept = new Map<string, PublicEvent[]>();
  const repeated: PublicEvent[] = [];
  for (const { event } of messages) {
    const heard = kept.get(event.stream) ?? [];
    kept.set(event.stream, heard);
    const last = heard.at(-1);
    (last === undefined || numberOf(event) > numberOf(last) ? heard : repeated).push(event);
  }
  return { kept, repeated };
}

/** What the log says that the world should have heard. */
export async function publicEventsOf(store: EventStore, after: Position = LOG_START): Promise<ByStream> {
  const told = new Map<string, PublicEvent[]>();
  for await (const batch of store.readAll({ after })) {
    for (const recorded of batch) {
      const event = toPublicEvent(store.logId, recorded);
      if (event === undefined) continue;
      const stream = told.get(event.stream);
      if (stream) stream.push(event);
      else told.set(event.stream, [event]);
    }
  }
  return told;
}

export const countOf = (events: ByStream): number =>
  [...events.values()].reduce((sum, { length }) => sum + length, 0);
