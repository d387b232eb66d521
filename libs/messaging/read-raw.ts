import type { PublicEvent } from '#libs/contracts/public/public-event.js';
import { type RawMessage, readStored } from './delivery.js';
import { readKept } from './kafka/received.js';

/** Reads a message again that could not be read when it came. @throws PoisonMessageError when it still cannot */
export function readRaw(logId: string, raw: RawMessage): PublicEvent {
  return raw.kind === 'stored' ? readStored(logId, raw) : readKept(raw);
}
