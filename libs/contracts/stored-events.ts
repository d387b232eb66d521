import type { LedgerEvent, LedgerEventType } from '#libs/ledger/events.js';
import type { Codec, Codecs } from './codec.js';
import { FieldReader, parseStored, UnreadableEventError } from './fields.js';
import { creatorCodecs } from './creator-codecs.js';
import { paymentCodecs } from './payment-codecs.js';
import { walletCodecs } from './wallet-codecs.js';

const CODECS: Codecs<LedgerEvent> = { ...walletCodecs, ...creatorCodecs, ...paymentCodecs };

const BY_STORED_TYPE = new Map<string, Codec<LedgerEvent>>(
  Object.values(CODECS).map((codec) => [codec.storedType, codec as unknown as Codec<LedgerEvent>]),
);

export interface StoredEvent {
  readonly type: string;
  /** JSON text. */
  readonly data: string;
}

export function encodeEvent(event: LedgerEvent): StoredEvent {
  const codec = CODECS[event.type] as unknown as Codec<LedgerEvent>;
  return { type: codec.storedType, data: JSON.stringify(codec.encode(event)) };
}

/** @throws UnreadableEventError for a type or shape this version does not know: never skipped in silence. */
export function decodeEvent(stored: StoredEvent): LedgerEvent {
  const codec = BY_STORED_TYPE.get(stored.type);
  if (codec === undefined) {
    throw new UnreadableEventError(
      `Unknown stored event type "${stored.type}": run a version that knows it.`,
    );
  }
  return codec.decode(FieldReader.of(stored.type, parseStored(`Stored event ${stored.type}`, stored.data)));
}

/** Stored types of the given domain events, for subscription filters. */
export const storedTypesOf = (...types: readonly LedgerEventType[]): readonly string[] =>
  types.map((type) => CODECS[type].storedType);
