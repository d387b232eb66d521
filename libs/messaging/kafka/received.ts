import type { KafkaMessage } from 'kafkajs';
import { isPublicEventType, type PublicEvent } from '#libs/contracts/public/public-event.js';
import { PoisonMessageError } from '../consumer.js';
import { type Delivery, deliveryOf, type RawKafkaMessage } from '../delivery.js';
import { decodeMessage } from './message.js';

/** Streams and ids are keys of tables: longer ones, or such with control characters, are nothing that the relay has sent. */
const NAME = /^[^\p{Cc}\p{Cs}]{1,512}$/u;
const NAME_BYTES_MAX = 1_024;
/** Of a Postgres bigint. */
const POSITION_MAX = 2n ** 63n - 1n;

const isName = (text: string): boolean => NAME.test(text) && Buffer.byteLength(text) <= NAME_BYTES_MAX;

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** @throws PoisonMessageError for what Postgres could not keep as a key */
function keepable(event: PublicEvent): PublicEvent {
  const fail = (header: string): never => {
    throw new PoisonMessageError(`The message is not a public event: header ${header} is none of a ledger.`);
  };
  if (!isName(event.stream)) fail('ce_subject');
  if (!isName(event.id)) fail('ce_id');
  if (BigInt(event.position.slice(event.position.indexOf('-') + 1)) > POSITION_MAX) fail('ce_position');
  return event;
}

/**
 * What a message delivers; undefined when it is of a type that is not wanted, readable or not.
 * @throws ForeignPositionError when it is of another log
 */
export function received(
  message: KafkaMessage,
  { topic, partition }: Place,
  { logId, types }: { readonly logId: string; readonly types: ReadonlySet<string> },
): Delivery | undefined {
  const type = message.headers?.['ce_type']?.toString();
  // Most messages are of types that a consumer does not want: they need not be judged.
  if (type !== undefined && !types.has(type) && isPublicEventType(type)) return undefined;
  try {
    const event = decodeMessage(message);
    return event && deliveryOf(logId, keepable(event));
  } catch (error) {
    if (!(error instanceof PoisonMessageError)) throw error;
    const key = message.key?.toString();
    return {
      kind: 'unreadable',
      // Without a key that could be a stream's it waits by itself.
      stream: key !== undefined && isName(key) ? key : `${topic}/${partition}`,
      // Offsets begin anew when a topic is made again; the time does not.
      messageId: `${topic}/${partition}/${message.offset}@${message.timestamp}`,
      position: undefined,
      raw: rawOf(message, { topic, partition }),
      problem: error.message,
    };
  }
}

function rawOf({ offset, timestamp, key, value, headers }: KafkaMessage, place: Place): RawKafkaMessage {
  const pairs = Object.entries(headers ?? {}).flatMap(([name, given]) =>
    [given ?? []].flat().map((each): [string, string] => [name, base64(Buffer.from(each))]),
  );
  return {
    kind: 'kafka',
    ...place,
    offset,
    timestamp,
    key: key && base64(key),
    value: value && base64(value),
    headers: pairs,
  };
}

const base64 = (bytes: Buffer): string => bytes.toString('base64');

/** Reads a message again that could not be read when it came. @throws PoisonMessageError when it still cannot */
export function readKept({ key, value, headers }: RawKafkaMessage): PublicEvent {
  const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text, 'base64'));
  const named: Record<string, Buffer[]> = {};
  for (const [name, text] of headers) (named[name] ??= []).push(Buffer.from(text, 'base64'));
  const event = decodeMessage({
    key: bytes(key),
    value: bytes(value),
    headers: Object.fromEntries(
      Object.entries(named).map(([name, values]) => [name, values.length === 1 ? values[0]! : values]),
    ),
  });
  if (event === undefined) throw new PoisonMessageError('It is of a type that this version does not know.');
  return keepable(event);
}
