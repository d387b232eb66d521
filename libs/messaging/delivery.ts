import { type RecordedLike, toPublicEvent } from '#libs/contracts/public/to-public-event.js';
import type { PublicEvent } from '#libs/contracts/public/public-event.js';
import { parsePosition } from '#libs/event-store/position.js';
import type { Position } from '#libs/event-store/port.js';
import { PoisonMessageError } from './consumer.js';

/** A message of Kafka as it came, in a form that JSON can hold. */
export interface RawKafkaMessage {
  readonly kind: 'kafka';
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** Milliseconds since the epoch, as text. */
  readonly timestamp: string;
  /** Base64 of the bytes. */
  readonly key: string | null;
  readonly value: string | null;
  /** Name and base64 of the bytes; a name may come more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** An event of the log as it is stored; its position as text. */
export interface RawStoredEvent extends Omit<RecordedLike, 'position'> {
  readonly kind: 'stored';
  readonly position: string;
}

export type RawMessage = RawKafkaMessage | RawStoredEvent;

interface Delivered {
  /** Messages of one stream are handled one after another, in the order they are delivered. */
  readonly stream: string;
  /** The same however often the message is delivered. */
  readonly messageId: string;
}

export interface EventDelivery extends Delivered {
  readonly kind: 'event';
  readonly position: Position;
  readonly event: PublicEvent;
}

/** What came cannot be read: it is parked as it is. */
export interface UnreadableDelivery extends Delivered {
  readonly kind: 'unreadable';
  readonly position: Position | undefined;
  readonly raw: RawMessage;
  readonly problem: string;
}

export type Delivery = EventDelivery | UnreadableDelivery;

/** @throws ForeignPositionError when the event is of another log */
export function deliveryOf(logId: string, event: PublicEvent): EventDelivery {
  const position = parsePosition(logId, event.position);
  return { kind: 'event', stream: event.stream, messageId: event.id, position, event };
}

/** What a stored event delivers; undefined when it is private. */
export function storedDeliveryOf(logId: string, recorded: RecordedLike): Delivery | undefined {
  try {
    const event = toPublicEvent(logId, recorded);
    return event && deliveryOf(logId, event);
  } catch (error) {
    const { id, type, data, metadata, stream, position, recordedAt } = recorded;
    return {
      kind: 'unreadable',
      stream,
      messageId: id,
      position,
      raw: { kind: 'stored', id, type, data, metadata, stream, recordedAt, position: String(position) },
      problem: error instanceof Error ? error.message : String(error),
    };
  }
}

/** Tries again to read a stored event that could not be read. @throws PoisonMessageError when it still cannot */
export function readStored(logId: string, raw: RawStoredEvent): PublicEvent {
  const read = storedDeliveryOf(logId, { ...raw, position: BigInt(raw.position) });
  if (read?.kind === 'event') return read.event;
  throw new PoisonMessageError(read?.problem ?? `${raw.type} is told to nobody outside.`);
}
