import { createHash } from 'node:crypto';
import type { NoteData, NoteKind } from './kinds.js';

/** Something that one person is to be told, once. */
export type Note = { [Kind in NoteKind]: NoteOf<Kind> }[NoteKind];

export interface NoteOf<Kind extends NoteKind> {
  /** The same each time the same is to be said: a second one changes nothing. */
  readonly id: string;
  readonly kind: Kind;
  readonly userId: string;
  /** When it happened, milliseconds since the epoch. */
  readonly at: number;
  readonly data: NoteData[Kind];
  /** Of a campaign: its id, and the channels that it uses at most. */
  readonly campaign?: { readonly id: string; readonly channels: readonly string[] };
}

const UUID_VERSION = 0x80;
const UUID_VARIANT = 0x80;

/** A UUID (version 8) that follows from these words: the same words, the same id. */
export function idOf(...words: readonly [string, ...string[]]): string {
  // JSON keeps the words apart.
  const bytes = createHash('sha256').update(JSON.stringify(words)).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | UUID_VERSION;
  bytes[8] = (bytes[8]! & 0x3f) | UUID_VARIANT;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
