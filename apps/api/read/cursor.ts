import { createHmac, timingSafeEqual } from 'node:crypto';

const FORM = /^([1-9][0-9]{0,18})\.([A-Za-z0-9_-]{43})$/;

/** What a cursor belongs to, the name of the list first: it is refused with any other list, user or filter. */
export type CursorScope = readonly [list: string, ...filter: readonly (string | number | undefined)[]];

/** `<place>.<HMAC-SHA-256>`: where the next page begins, usable only by whoever asked for this one. */
export function signCursor(key: Uint8Array, scope: CursorScope, place: bigint): string {
  return `${place}.${signature(key, scope, place.toString())}`;
}

/** Where the next page begins; undefined when the cursor is malformed or belongs to another query. */
export function readCursor(key: Uint8Array, scope: CursorScope, cursor: string): bigint | undefined {
  const match = FORM.exec(cursor);
  if (!match) return undefined;
  const [, place, given] = match;
  const expected = Buffer.from(signature(key, scope, place!));
  return timingSafeEqual(expected, Buffer.from(given!)) ? BigInt(place!) : undefined;
}

function signature(key: Uint8Array, scope: CursorScope, place: string): string {
  // JSON writes null for what is undefined, so every filter keeps its place.
  return createHmac('sha256', key)
    .update(JSON.stringify([...scope, place]))
    .digest('base64url');
}
