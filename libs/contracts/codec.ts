import type { LedgerEvent } from '#libs/ledger/events.js';
import type { FieldReader, StoredFields } from './fields.js';

/** Translates one domain event to flat stored fields and back. */
export interface Codec<E extends LedgerEvent> {
  /** Stored type with the newest version: a changed shape is a new version, and an upcaster reads the old one. */
  readonly storedType: string;
  encode(event: E): StoredFields;
  decode(fields: FieldReader): E;
}

/** One codec for each event type of the union `E`. */
export type Codecs<E extends LedgerEvent> = { readonly [T in E['type']]: Codec<Extract<E, { type: T }>> };
