import { CompressionTypes, type Kafka, Partitioners, type Producer } from 'kafkajs';
import type { EncodedMessage } from './message.js';

/** How long the brokers may wait for their replicas before they answer. */
const ACKNOWLEDGE_TIMEOUT_MS = 10_000;
const ALL_REPLICAS = -1;

export interface TopicMessages {
  readonly topic: string;
  readonly messages: readonly EncodedMessage[];
}

/** An idempotent producer: what it sends again is written once, as long as it is the same producer. */
export class Publisher {
  private constructor(private readonly producer: Producer) {}

  /** @throws what the brokers could not be reached or logged in to with */
  static async open(kafka: Kafka): Promise<Publisher> {
    const producer = kafka.producer({
      idempotent: true,
      // One request at a time keeps the order of each partition.
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      // Java's: every other client that keys by stream finds the same partition.
      createPartitioner: Partitioners.DefaultPartitioner,
      // Once, the least that the client takes: whoever sends asks before each further try whether it still may.
      retry: { retries: 1 },
    });
    const publisher = new Publisher(producer);
    try {
      await producer.connect();
      return publisher;
    } catch (error) {
      // What it has begun to connect would go on trying.
      await publisher.close().catch(() => undefined);
      throw error;
    }
  }

  /**
   * Resolves when all replicas in sync have everything. Otherwise some of it may be there, or all, or it may come later:
   * the same messages are to be sent again before any later ones.
   */
  async publish(topicMessages: readonly TopicMessages[]): Promise<void> {
    await this.producer.sendBatch({
      acks: ALL_REPLICAS,
      timeout: ACKNOWLEDGE_TIMEOUT_MS,
      compression: CompressionTypes.None,
      topicMessages: topicMessages.map(({ topic, messages }) => ({ topic, messages: [...messages] })),
    });
  }

  async close(): Promise<void> {
    await this.producer.disconnect();
  }
}
