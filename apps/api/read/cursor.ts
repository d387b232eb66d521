import { createHmac, timingSafeEqual } from 'node:crypto';

const FORM = /^([1-9][0-9]{0,18})\.([A-Za-z0-9_-]{43})$/;

/** What a cursor belongs to: it is refused with any other user or filter. */
export interface CursorScope {
  readonly userId: string;
  readonly type: string | undefined;
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** `<order>.<HMAC-SHA-256>`: where the next page begins, usable only by whoever asked for this one. */
export function signCursor(key: Uint8Array, scope: CursorScope, before: bigint): string {
  return `${before}.${signature(key, scope, before.toString())}`;
}

/** The order the next page begins below; undefined when the cursor is malformed or belongs to another query. */
export function readCursor(key: Uint8Array, scope: CursorScope, cursor: string): bigint | undefined {
  const match = FORM.exec(cursor);
  if (!match) return undefined;
  const [, before, given] = match;
  const expected = Buffer.from(signature(key, scope, before!));
  return timingSafeEqual(expected, Buffer.from(given!)) ? BigInt(before!) : undefined;
}

function signature(key: Uint8Array, { userId, type, from, to }: CursorScope, before: string): string {
  const text = JSON.stringify(['transactions', userId, type ?? null, from ?? null, to ?? null, before]);
  return createHmac('sha256', key).update(text).digest('base64url');
}
