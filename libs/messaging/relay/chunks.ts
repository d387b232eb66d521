import { toPublicEvent } from '#libs/contracts/public/to-public-event.js';
import type { Position, RecordedEvent } from '#libs/event-store/port.js';
import { type EncodedMessage, encodeMessage } from '../kafka/message.js';
import type { TopicMessages } from '../kafka/publisher.js';
import { topicOf, type Topics } from '../kafka/topics.js';

/**
 * Characters of keys, values and headers in one send. All of it may be of one partition, and brokers refuse more than
 * 1 MiB for one: `message.max.bytes`. A character is up to three bytes, but ids, amounts and names are ASCII.
 */
export const CHUNK_LENGTH_MAX = 768 * 1024;
/** What a header and a record cost beside their texts, at most. */
const OVERHEAD_OF_MESSAGE = 100;

/** What is sent at once: in the order of the log within each topic. */
export interface Chunk {
  readonly topicMessages: readonly TopicMessages[];
  readonly events: number;
  /** Of its last event. */
  readonly position: Position;
  /** Of its first and last event, milliseconds since the epoch. */
  readonly firstRecordedAt: number;
  readonly recordedAt: number;
}

/** Public events of one log, cut into what is sent at once. @throws UnreadableEventError */
export function* chunksOf(
  events: readonly RecordedEvent[],
  { logId, topics }: { readonly logId: string; readonly topics: Topics },
): Generator<Chunk> {
  let begun = new Begun();
  for (const event of events) {
    const told = toPublicEvent(logId, event);
    if (told === undefined) continue;
    const message = encodeMessage(told);
    const length = lengthOf(message);
    if (begun.length + length > CHUNK_LENGTH_MAX && begun.events.length > 0) {
      yield begun.chunk();
      begun = new Begun();
    }
    begun.add(topicOf(topics, event.stream), { event, message, length });
  }
  if (begun.events.length > 0) yield begun.chunk();
}

class Begun {
  length = 0;
  readonly events: RecordedEvent[] = [];
  readonly #byTopic = new Map<string, EncodedMessage[]>();

  add(
    topic: string,
    { event, message, length }: { event: RecordedEvent; message: EncodedMessage; length: number },
  ): void {
    const messages = this.#byTopic.get(topic);
    if (messages) messages.push(message);
    else this.#byTopic.set(topic, [message]);
    this.events.push(event);
    this.length += length;
  }

  chunk(): Chunk {
    const last = this.events.at(-1)!;
    return {
      topicMessages: [...this.#byTopic].map(([topic, messages]) => ({ topic, messages })),
      events: this.events.length,
      position: last.position,
      firstRecordedAt: this.events[0]!.recordedAt,
      recordedAt: last.recordedAt,
    };
  }
}

function lengthOf({ key, value, headers }: EncodedMessage): number {
  let length = OVERHEAD_OF_MESSAGE + key.length + value.length;
  for (const name in headers) length += name.length + headers[name]!.length;
  return length;
}
