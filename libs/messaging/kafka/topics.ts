import type { Admin } from 'kafkajs';
import type { KafkaConfig } from '#libs/platform/config.js';

const CATEGORIES = ['wallet', 'creator'] as const;
type Category = (typeof CATEGORIES)[number];

/** What the broker's own configuration says: `default.replication.factor`. */
const REPLICATION_OF_BROKER = -1;
const CREATION_TIMEOUT_MS = 15_000;

/** A worker that was away for long, or is new, still finds every event; the broker's default is a week. */
const FOR_EVER = { name: 'retention.ms', value: '-1' };

/** Names of the topics below one prefix. */
export interface Topics {
  /** Events of streams `wallet-<userId>`. */
  readonly wallet: string;
  /** Events of streams `creator-<creatorId>`. */
  readonly creator: string;
  /** Messages that a consumer has put aside. */
  readonly deadLetters: string;
}

/** `prefix` is KAFKA_TOPIC_PREFIX, its last dot included. */
export const topicsOf = (prefix: string): Topics => ({
  wallet: `${prefix}wallet-events`,
  creator: `${prefix}creator-events`,
  deadLetters: `${prefix}dead-letters`,
});

/** Topics with public events, for consumers. */
export const eventTopicsOf = (prefix: string): readonly string[] => {
  const topics = topicsOf(prefix);
  return CATEGORIES.map((category) => topics[category]);
};

/** The topic that events of a stream go to. @throws when public events of this category have no topic */
export function topicOf(topics: Topics, stream: string): string {
  const category = stream.slice(0, stream.indexOf('-'));
  if (!isCategory(category)) {
    throw new Error(`Stream ${stream}: there is no topic for events of the category "${category}".`);
  }
  return topics[category];
}

const isCategory = (category: string): category is Category =>
  (CATEGORIES as readonly string[]).includes(category);

/**
 * Makes the topics that are missing. One that exists is left alone, however many partitions it has: the order of a
 * stream rests on its partition. Safe when several processes start at once.
 */
export async function ensureTopics(
  admin: Admin,
  { topicPrefix, partitions }: Pick<KafkaConfig, 'topicPrefix' | 'partitions'>,
): Promise<void> {
  // Asked for first: whoever may not make topics can still use those that somebody else has made.
  const there = new Set(await admin.listTopics());
  const missing = Object.values(topicsOf(topicPrefix)).filter((topic: string) => !there.has(topic));
  if (missing.length === 0) return;
  await admin.createTopics({
    topics: missing.map((topic: string) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: REPLICATION_OF_BROKER,
      configEntries: [FOR_EVER],
    })),
    waitForLeaders: true,
    timeout: CREATION_TIMEOUT_MS,
  });
}
