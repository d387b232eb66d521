import type { PublicEvent } from '#libs/contracts/public/public-event.js';
import { PoisonMessageError } from './consumer.js';
import { type RawMessage, readStored } from './delivery.js';

/** Reads a message again that could not be read when it came. @throws PoisonMessageError when it still cannot */
export function readRaw(logId: string, raw: RawMessage): PublicEvent {
  if (raw.kind === 'stored') return readStored(logId, raw);
  throw new PoisonMessageError('It came from Kafka, which this process does not read.');
}
