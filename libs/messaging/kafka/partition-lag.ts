import type { Batch, KafkaMessage } from 'kafkajs';

interface Progress {
  /** Messages of the partition that were not handled when it was last read. */
  messages: bigint;
  /** When the message in hand was recorded, milliseconds since the epoch; undefined when none is in hand. */
  oldest: number | undefined;
}

/** What lies before a member of a group, as it has last seen it, over its partitions. */
export class PartitionLag {
  private readonly partitions = new Map<string, Progress>();

  /** From now on these are its partitions; of those that stay it knows what it knew. */
  assigned(assignment: Readonly<Record<string, readonly number[]>>): void {
    const names = Object.entries(assignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => nameOf({ topic, partition })),
    );
    const kept = new Set(names);
    for (const name of [...this.partitions.keys()]) if (!kept.has(name)) this.partitions.delete(name);
  }

  reading(batch: Batch, first: KafkaMessage): void {
    this.partitions.set(nameOf(batch), {
      messages: BigInt(batch.highWatermark) - BigInt(first.offset),
      oldest: recordedAt(first),
    });
  }

  handled(batch: Batch, last: KafkaMessage): void {
    const messages = BigInt(batch.highWatermark) - BigInt(last.offset) - 1n;
    this.partitions.set(nameOf(batch), { messages, oldest: messages > 0n ? recordedAt(last) : undefined });
  }

  get messages(): number {
    return [...this.partitions.values()].reduce((sum, { messages }) => sum + Number(messages), 0);
  }

  get behindMs(): number {
    const oldest = Math.min(...[...this.partitions.values()].map((each) => each.oldest ?? Infinity));
    return oldest === Infinity ? 0 : Math.max(0, Date.now() - oldest);
  }
}

const nameOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string =>
  `${topic}/${partition}`;

/** When the log recorded the event; when it was published where that cannot be read. */
function recordedAt({ headers, timestamp }: KafkaMessage): number {
  const time = Date.parse(headers?.['ce_time']?.toString() ?? '');
  return Number.isNaN(time) ? Number(timestamp) : time;
}
