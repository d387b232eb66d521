import type { EventStore } from '#libs/event-store/port.js';
import type { KafkaConfig } from '#libs/platform/config.js';
import type { Logger } from '#libs/platform/logging.js';
import { kafkaSource } from './kafka/kafka-source.js';
import { logSource } from './log-source.js';
import type { MessageSource } from './source.js';

export interface OpenSourceOptions {
  /** Absent: the log is read. */
  readonly kafka: KafkaConfig | undefined;
  readonly store: EventStore;
  readonly log: Logger;
}

/** Where a consumer's messages come from by the configuration. One for each consumer. */
export function openSource({ kafka, store, log }: OpenSourceOptions): MessageSource {
  return kafka === undefined ? logSource({ store }) : kafkaSource({ config: kafka, log });
}
