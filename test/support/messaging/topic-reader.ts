import { randomBytes } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import type { PublicEvent } from '#libs/contracts/public/public-event.js';
import { decodeMessage } from '#libs/messaging/kafka/message.js';
import { eventTopicsOf } from '#libs/messaging/kafka/topics.js';
import type { TestKafka } from '#test/support/components/kafka.js';

const READ_PATIENCE_MS = 60_000;

/** A message as it stands in its partition. */
export interface ReadMessage {
  readonly topic: string;
  readonly partition: number;
  readonly event: PublicEvent;
}

export const quietKafka = ({ brokers }: Pick<TestKafka, 'brokers'>): Kafka =>
  new Kafka({ clientId: 'promptflow-test', brokers: [...brokers], logLevel: logLevel.NOTHING });

/** Everything that the event topics hold now, each partition in its order. None of it may be of an unknown type. */
export async function readEventTopics(place: TestKafka): Promise<readonly ReadMessage[]> {
  const kafka = quietKafka(place);
  const topics = eventTopicsOf(place.prefix);
  const open = await endsOf(kafka, topics);
  const read: ReadMessage[] = [];
  const consumer = kafka.consumer({ groupId: `${place.prefix}reader-${randomBytes(4).toString('hex')}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`Not read to the end in time: ${JSON.stringify([...open])}`)),
        READ_PATIENCE_MS,
      );
      const finish = () => {
        clearTimeout(late);
        resolve();
      };
      if (open.size === 0) return finish();
      consumer
        .run({
          eachBatch: async ({ batch: { topic, partition, messages } }) => {
            const place = `${topic}/${partition}`;
            for (const message of messages) {
              read.push({ topic, partition, event: decoded(message) });
              if (BigInt(message.offset) + 1n >= (open.get(place) ?? 0n)) open.delete(place);
            }
            if (open.size === 0) finish();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return read;
}

function decoded(message: Parameters<typeof decodeMessage>[0]): PublicEvent {
  const event = decodeMessage(message);
  if (event === undefined) throw new Error('A message is of a type that nobody knows.');
  return event;
}

/** Of every partition that holds something: `topic/partition` with the offset behind its last message. */
async function endsOf(kafka: Kafka, topics: readonly string[]): Promise<Map<string, bigint>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const ends = new Map<string, bigint>();
    for (const topic of topics) {
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        if (BigInt(high) > 0n) ends.set(`${topic}/${partition}`, BigInt(high));
      }
    }
    return ends;
  } finally {
    await admin.disconnect();
  }
}
