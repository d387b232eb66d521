import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { ForeignPositionError, PositionBeyondHeadError } from '#libs/event-store/errors.js';
import type { EventStore } from '#libs/event-store/port.js';
import type { KafkaConfig } from '#libs/platform/config.js';
import { type LeaderSession, runAsLeader } from '#libs/platform/leadership.js';
import type { Logger } from '#libs/platform/logging.js';
import { kafkaClient } from '../kafka/client.js';
import { Publisher } from '../kafka/publisher.js';
import { ensureTopics, topicsOf } from '../kafka/topics.js';
import {
  RelayCheckpoint,
  RelayCheckpointError,
  RelayFencedError,
  type RelayTarget,
} from './relay-checkpoint.js';
import { RelayProgress, type RelayStatus } from './relay-status.js';
import { RelayTerm } from './relay-term.js';

/** A leader whose process stands still, though its connection does not, is replaced after this. */
const SILENCE_MAX_MS = 10_000;
/** Longer than a standby waits between its tries: another relay may have better luck. */
const RESTART_MS_MIN = 1_000;
const RESTART_MS_MAX = 15_000;
const HEAD_EVERY_MS = 5_000;
const CLOSE_MS_MAX = 2_000;

export interface RelayOptions {
  readonly kafka: KafkaConfig;
  readonly databaseUrl: string;
  readonly store: EventStore;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Given the way to ask how the relay is doing, before it begins. */
  readonly onStatus?: (status: () => RelayStatus) => void;
}

/**
 * Publishes every public event of the log to Kafka: at least once, those of one stream in their order, until the signal
 * fires. Safe beside other relays of the same ledger: they stand by. What fails is tried again for ever.
 * @throws RelayCheckpointError when somebody has to decide
 */
export async function runRelay(options: RelayOptions): Promise<void> {
  await new Relay(options).run();
}

class Relay {
  readonly #progress = new RelayProgress();
  readonly #kafka: Kafka;

  constructor(private readonly options: RelayOptions) {
    const { kafka: config, log, onStatus } = options;
    this.#kafka = kafkaClient({ config, clientId: 'ledger-relay', log });
    onStatus?.(() => this.#progress.status());
  }

  async run(): Promise<void> {
    const { signal, log } = this.options;
    let pauseMs = RESTART_MS_MIN;
    while (!signal.aborted) {
      try {
        await this.#stand();
        pauseMs = RESTART_MS_MIN;
      } catch (error) {
        if (error instanceof RelayCheckpointError) throw error;
        if (signal.aborted) return;
        const err = error instanceof Error ? error : new Error(String(error));
        this.#progress.failed(err);
        log.warn(
          { err },
          err instanceof RelayFencedError ? err.message : 'publishing failed and begins again',
        );
        await sleep(pauseMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, RESTART_MS_MAX);
      }
    }
  }

  /** Waits for leadership, and leads for as long as it can. */
  async #stand(): Promise<void> {
    const { databaseUrl, log, signal } = this.options;
    const target = await this.#target();
    this.#progress.standsBy();
    await runAsLeader({
      url: databaseUrl,
      name: `relay:${target.clusterId}:${target.topicPrefix}`,
      signal,
      silenceMaxMs: SILENCE_MAX_MS,
      onTrouble: (err) => {
        this.#progress.standsBy();
        log.warn({ err }, 'relay leadership lost');
      },
      work: (leading, session) => this.#lead(target, session, leading),
    });
  }

  /** The cluster that is reached, with its topics. */
  async #target(): Promise<RelayTarget> {
    const { kafka } = this.options;
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      const { clusterId } = await admin.describeCluster();
      await ensureTopics(admin, kafka);
      return { clusterId, topicPrefix: kafka.topicPrefix };
    } finally {
      await closed(admin.disconnect());
    }
  }

  async #lead(target: RelayTarget, session: LeaderSession, signal: AbortSignal): Promise<void> {
    const { store, log } = this.options;
    const head = await store.head();
    const checkpoint = await RelayCheckpoint.take(session, target, { logId: store.logId, head });
    const publisher = await Publisher.open(this.#kafka);
    const heads = setInterval(() => void this.#askHead(), HEAD_EVERY_MS);
    this.#progress.leads(checkpoint);
    this.#progress.sawHead(head);
    log.info(
      { ...target, epoch: checkpoint.epoch, position: checkpoint.position.toString() },
      checkpoint.isNew ? 'publishing the log from its start' : 'publishing the log from the checkpoint on',
    );
    try {
      const topics = topicsOf(target.topicPrefix);
      const progress = this.#progress;
      await new RelayTerm({ store, checkpoint, publisher, topics, progress, log, signal }).run();
    } catch (error) {
      if (!(error instanceof PositionBeyondHeadError || error instanceof ForeignPositionError)) throw error;
      throw new RelayCheckpointError(error.message, target);
    } finally {
      clearInterval(heads);
      await closed(publisher.close());
    }
  }

  async #askHead(): Promise<void> {
    // What keeps the log from being read is reported by the subscription.
    await this.options.store.head().then(
      (head) => this.#progress.sawHead(head),
      () => undefined,
    );
  }
}

/** A broker that does not answer keeps nobody from ending. */
async function closed(closing: Promise<void>): Promise<void> {
  await Promise.race([closing.catch(() => undefined), sleep(CLOSE_MS_MAX, undefined, { ref: false })]);
}
