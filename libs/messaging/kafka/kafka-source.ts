import { once } from 'node:events';
import type {
  Admin,
  Batch,
  Consumer as KafkaConsumer,
  EachBatchPayload,
  Kafka,
  KafkaMessage,
  Producer,
} from 'kafkajs';
import { ForeignPositionError } from '#libs/event-store/errors.js';
import type { KafkaConfig } from '#libs/platform/config.js';
import type { Logger } from '#libs/platform/logging.js';
import type { Delivery } from '../delivery.js';
import { asError } from '../errors.js';
import { backOffMs, FAULT_POLICY } from '../retry-policy.js';
import type { DeadLetter, MessageSource, SourceRun } from '../source.js';
import { kafkaClient } from './client.js';
import { letterOf } from './dead-letter.js';
import { assertNothingLost } from './lost-messages.js';
import { PartitionLag } from './partition-lag.js';
import { received } from './received.js';
import { ensureTopics, eventTopicsOf, topicsOf } from './topics.js';

/** A member that was killed is missed after it; one that hangs may still act, and acts once all the same. */
const SESSION_TIMEOUT_MS = 10_000;
const REBALANCE_TIMEOUT_MS = 30_000;
const HEARTBEAT_MS = 2_000;
/** A broker without news answers after it; a stop waits as long. */
const FETCH_WAIT_MS = 500;
/** Messages handed over, and committed, at once. */
const CHUNK_MESSAGES = 500;
const PARTITIONS_AT_ONCE = 3;

export interface KafkaSourceOptions {
  readonly config: KafkaConfig;
  readonly log: Logger;
  /** Default: the topic prefix and the consumer's name. */
  readonly groupId?: string;
  /** Milliseconds; the brokers allow from 6,000. */
  readonly sessionTimeoutMs?: number;
}

/**
 * The topics that the relay publishes to, read by a consumer group: its members share the partitions. An offset is
 * committed behind the transaction that remembers the messages, so a member that dies or loses a partition between the
 * two has them delivered again, and they are known then.
 */
export function kafkaSource(options: KafkaSourceOptions): MessageSource & { readonly kind: 'kafka' } {
  return new KafkaSource(options);
}

class KafkaSource implements MessageSource {
  readonly kind = 'kafka';
  private readonly lag = new PartitionLag();
  private readonly kafka: Kafka;
  private producer: Promise<Producer> | undefined;

  constructor(private readonly options: KafkaSourceOptions) {
    this.kafka = kafkaClient({ config: options.config, clientId: 'ledger-worker', log: options.log });
  }

  async run(run: SourceRun): Promise<void> {
    const { config, groupId = `${config.topicPrefix}${run.consumer.name}` } = this.options;
    const topics = eventTopicsOf(config.topicPrefix);
    await this.asAdmin(async (admin) => {
      await ensureTopics(admin, config);
      await assertNothingLost(admin, { consumer: run.consumer.name, groupId, topics });
    });
    const member = this.kafka.consumer({
      groupId,
      sessionTimeout: this.options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      allowAutoTopicCreation: false,
      // After a crash a new member is made, here, so that there is one way back and one count of failures.
      retry: { restartOnFailure: () => Promise.resolve(false) },
    });
    const membership = new Membership(member, run, this.lag);
    await membership.run(topics);
  }

  progress(): ReturnType<MessageSource['progress']> {
    return { lag: { value: this.lag.messages, unit: 'messages' }, behindMs: this.lag.behindMs };
  }

  readonly publish = async (letters: readonly DeadLetter[]): Promise<void> => {
    const { topicPrefix } = this.options.config;
    try {
      const producer = await (this.producer ??= this.connectProducer());
      await producer.send({
        topic: topicsOf(topicPrefix).deadLetters,
        acks: -1,
        messages: letters.map(letterOf),
      });
    } catch (error) {
      await this.close();
      throw error;
    }
  };

  /** Only the producer is kept between runs. */
  async close(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    await producer?.then((each) => each.disconnect()).catch(() => undefined);
  }

  private async connectProducer(): Promise<Producer> {
    await this.asAdmin((admin) => ensureTopics(admin, this.options.config));
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
    });
    await producer.connect();
    return producer;
  }

  private async asAdmin(work: (admin: Admin) => Promise<void>): Promise<void> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      await work(admin);
    } finally {
      await admin.disconnect();
    }
  }
}

/** One membership of the group, from joining to leaving. */
class Membership {
  private readonly types: ReadonlySet<string>;
  /** Aborted when it cannot go on; the reason is what happened. */
  private readonly failed = new AbortController();
  private readonly pauses = new Set<NodeJS.Timeout>();
  private faults = 0;

  constructor(
    private readonly member: KafkaConsumer,
    private readonly given: SourceRun,
    private readonly lag: PartitionLag,
  ) {
    this.types = new Set(given.consumer.types);
  }

  /** Resolves when the signal has fired and the group was left. @throws what it cannot go on after */
  async run(topics: readonly string[]): Promise<void> {
    const { member, given, failed } = this;
    const { CRASH, GROUP_JOIN } = member.events;
    member.on(CRASH, ({ payload }) => failed.abort(payload.error));
    member.on(GROUP_JOIN, ({ payload }) => {
      this.lag.assigned(payload.memberAssignment);
      given.onState('running');
    });
    try {
      await member.connect();
      await member.subscribe({ topics: [...topics], fromBeginning: true });
      await member.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
        eachBatch: (payload) => this.eachBatch(payload),
      });
      const over = AbortSignal.any([given.signal, failed.signal]);
      if (!over.aborted) await once(over, 'abort');
    } finally {
      for (const pause of this.pauses) clearTimeout(pause);
      // Waits for the batches in hand, and leaves the group.
      await member.disconnect().catch(given.onFault);
      this.lag.assigned({});
    }
    if (failed.signal.aborted) throw asError(failed.signal.reason);
  }

  private async eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    // While Postgres is busy nothing else tells the group that this member lives. A rebalance shows between chunks.
    const beat = setInterval(() => void payload.heartbeat().catch(() => undefined), HEARTBEAT_MS);
    try {
      for (let at = 0; at < batch.messages.length; at += CHUNK_MESSAGES) {
        if (!this.isMine(payload)) return;
        const chunk = batch.messages.slice(at, at + CHUNK_MESSAGES);
        this.lag.reading(batch, chunk[0]!);
        if (!(await this.accept(chunk, payload))) return;
        await this.commit(batch, chunk.at(-1)!, payload);
      }
    } finally {
      clearInterval(beat);
    }
  }

  private isMine(payload: EachBatchPayload): boolean {
    const isAssigned = payload.isRunning() && !payload.isStale();
    return isAssigned && !this.given.signal.aborted && !this.failed.signal.aborted;
  }

  /** False when they could not be handled now: the partition pauses, and they are fetched again. */
  private async accept(chunk: readonly KafkaMessage[], payload: EachBatchPayload): Promise<boolean> {
    const { logId, accept, onFault } = this.given;
    try {
      const deliveries = chunk
        .map((message) => received(message, payload.batch, { logId, types: this.types }))
        .filter((delivery): delivery is Delivery => delivery !== undefined);
      await accept(deliveries);
      this.faults = 0;
      return true;
    } catch (error) {
      if (error instanceof ForeignPositionError) {
        this.failed.abort(error);
        return false;
      }
      this.faults += 1;
      onFault(asError(error));
      const resume = payload.pause();
      const timer = setTimeout(
        () => {
          this.pauses.delete(timer);
          resume();
        },
        backOffMs(FAULT_POLICY, this.faults),
      );
      this.pauses.add(timer);
      return false;
    }
  }

  /** @throws what the client wants to know: that the group is rebalancing, or that this member is no longer in it */
  private async commit(batch: Batch, last: KafkaMessage, payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = batch;
    payload.resolveOffset(last.offset);
    this.lag.handled(batch, last);
    const offset = (BigInt(last.offset) + 1n).toString();
    await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] });
    await payload.heartbeat();
  }
}
