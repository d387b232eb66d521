import type { LedgerEvent, LedgerEventType } from '#libs/ledger/events.js';
import { catalogueCodecs } from './catalogue-codecs.js';
import type { Codec, Codecs } from './codec.js';
import { creatorCodecs } from './creator-codecs.js';
import { FieldReader, parseStored, recordOf, UnreadableEventError } from './fields.js';
import { paymentCodecs } from './payment-codecs.js';
import { type Upcasting, upcastingOf } from './upcasters.js';
import { walletCodecs } from './wallet-codecs.js';

const CODECS: Codecs<LedgerEvent> = {
  ...walletCodecs,
  ...creatorCodecs,
  ...paymentCodecs,
  ...catalogueCodecs,
};

/** A version that can be read: the codec of the newest one, and the way there. */
interface Reader {
  readonly codec: Codec<LedgerEvent>;
  readonly upcasting: Upcasting;
}

const BY_STORED_TYPE = new Map<string, Reader>();
for (const known of Object.values(CODECS)) {
  const codec = known as unknown as Codec<LedgerEvent>;
  const upcasting = upcastingOf(codec.storedType);
  for (const version of upcasting.versions) BY_STORED_TYPE.set(version, { codec, upcasting });
}

export interface StoredEvent {
  readonly type: string;
  /** JSON text. */
  readonly data: string;
}

export function encodeEvent(event: LedgerEvent): StoredEvent {
  const codec = CODECS[event.type] as unknown as Codec<LedgerEvent>;
  return { type: codec.storedType, data: JSON.stringify(codec.encode(event)) };
}

/**
 * Any version that was ever stored, as the event of today.
 * @throws UnreadableEventError for a type or shape this version does not know: never skipped in silence.
 */
export function decodeEvent({ type, data }: StoredEvent): LedgerEvent {
  const reader = BY_STORED_TYPE.get(type);
  if (reader === undefined) {
    throw new UnreadableEventError(`Unknown stored event type "${type}": run a version that knows it.`);
  }
  const stored = recordOf(type, parseStored(`Stored event ${type}`, data));
  return reader.codec.decode(FieldReader.of(type, reader.upcasting.toNewest(type, stored)));
}

/** Stored types of the given domain events in every version there was, for subscription filters. */
export const storedTypesOf = (...types: readonly LedgerEventType[]): readonly string[] =>
  types.flatMap((type) => BY_STORED_TYPE.get(CODECS[type].storedType)!.upcasting.versions);
