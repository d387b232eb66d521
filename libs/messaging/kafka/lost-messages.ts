import type { Admin } from 'kafkajs';
import { ConsumerStoppedError } from '../errors.js';

export interface GroupPlace {
  readonly consumer: string;
  readonly groupId: string;
  readonly topics: readonly string[];
}

/**
 * A topic may forget what a group has not read yet: the client then goes on with what is left, in silence.
 * @throws ConsumerStoppedError when messages were removed before this consumer had them
 */
export async function assertNothingLost(
  admin: Admin,
  { consumer, groupId, topics }: GroupPlace,
): Promise<void> {
  const committed = await admin.fetchOffsets({ groupId, topics: [...topics] });
  for (const { topic, partitions } of committed) {
    for (const { partition, low } of await admin.fetchTopicOffsets(topic)) {
      // Without a commit the group begins at the beginning.
      const next = Math.max(0, Number(partitions.find((each) => each.partition === partition)?.offset ?? 0));
      if (Number(low) <= next) continue;
      throw new ConsumerStoppedError(
        consumer,
        `${topic}/${partition} begins at offset ${low}, the group ${groupId} has read up to ${next}: ` +
          'messages were removed before they were handled (see retention.ms of the topic). ' +
          'Run the worker without KAFKA_BROKERS until it has caught up with the log, set the offsets of the group to ' +
          'the earliest, and start it as before: what it has done it does not do again.',
      );
    }
  }
}
