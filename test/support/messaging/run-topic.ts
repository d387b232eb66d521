import { Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import type { PublicEvent } from '#libs/contracts/public/public-event.js';
import { toPublicEvent } from '#libs/contracts/public/to-public-event.js';
import { encodeMessage } from '#libs/messaging/kafka/message.js';
import { ensureTopics, topicsOf } from '#libs/messaging/kafka/topics.js';
import type { KafkaConfig } from '#libs/platform/config.js';
import { runEvent } from './consumer-lab.js';

/** A request must stay below what the broker takes for one partition, 1 MB. */
const REQUEST_RUNS = 500;

/** Of the log that the messages say they are from. */
export const LOG_ID = '3f9a01c7';
/** What stands for the log where only Kafka is read: everything published lies before its head. */
export const FAR_LOG = { logId: LOG_ID, head: () => Promise.resolve(2n ** 62n) };

export interface PublishedRun {
  readonly user: string;
  readonly run: string;
  readonly position: number;
}

export const runMessage = ({ user, run, position }: PublishedRun, logId = LOG_ID): PublicEvent => {
  const recorded = runEvent(run);
  // The same message however often it is sent.
  const id = `00000000-0000-4000-8000-${position.toString(16).padStart(12, '0')}`;
  return toPublicEvent(logId, {
    ...recorded,
    id,
    stream: `wallet-${user}`,
    position: BigInt(position),
    recordedAt: Date.now(),
  })!;
};

export interface RunTopicOptions {
  readonly brokers: readonly string[];
  readonly prefix: string;
  readonly partitions?: number;
}

/** Publishes charged runs as the relay does, in any number of copies. */
export class RunTopic {
  private constructor(
    readonly config: KafkaConfig,
    private readonly kafka: Kafka,
    private readonly producer: Producer,
  ) {}

  static async open({ brokers, prefix, partitions = 6 }: RunTopicOptions): Promise<RunTopic> {
    const config: KafkaConfig = { brokers, topicPrefix: prefix, partitions, tls: false };
    const kafka = new Kafka({ clientId: 'test', brokers: [...brokers], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await ensureTopics(admin, config);
    await admin.disconnect();
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    return new RunTopic(config, kafka, producer);
  }

  async close(): Promise<void> {
    await this.producer.disconnect();
  }

  async publish(...runs: readonly PublishedRun[]): Promise<void> {
    for (let at = 0; at < runs.length; at += REQUEST_RUNS) {
      const some = runs.slice(at, at + REQUEST_RUNS);
      await this.publishRaw(...some.map((run) => encodeMessage(runMessage(run))));
    }
  }

  async publishRaw(...messages: readonly Message[]): Promise<void> {
    await this.producer.send({
      topic: topicsOf(this.config.topicPrefix).wallet,
      acks: -1,
      messages: [...messages],
    });
  }

  /** Messages behind the committed offsets of a group, over all partitions. */
  async uncommitted(consumer: string): Promise<number> {
    const topic = topicsOf(this.config.topicPrefix).wallet;
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      const groupId = `${this.config.topicPrefix}${consumer}`;
      const ends = await admin.fetchTopicOffsets(topic);
      const committed = (await admin.fetchOffsets({ groupId, topics: [topic] }))[0]!.partitions;
      return ends.reduce((sum, { partition, high }) => {
        const at = Number(committed.find((each) => each.partition === partition)?.offset ?? 0);
        return sum + Number(high) - Math.max(0, at);
      }, 0);
    } finally {
      await admin.disconnect();
    }
  }

  /** Removes messages as retention does, before anybody has asked for them. */
  async forget(count: number): Promise<void> {
    const topic = topicsOf(this.config.topicPrefix).wallet;
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      const offset = String(count);
      // The client deletes from topics that it knows already.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] });
    } finally {
      await admin.disconnect();
    }
  }

  /** Reads what was published to the dead-letter topic, until there are so many. */
  async deadLetters(count: number): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const consumer = this.kafka.consumer({ groupId: `${this.config.topicPrefix}letters-${Date.now()}` });
    const letters: Record<string, unknown>[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic: topicsOf(this.config.topicPrefix).deadLetters, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ message }) => {
            const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [
              name,
              String(value),
            ]);
            letters.push({
              stream: message.key?.toString(),
              ...(Object.fromEntries(headers) as Record<string, string>),
              message: JSON.parse(message.value!.toString()) as unknown,
            });
            if (letters.length === count) resolve();
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    return letters;
  }
}
