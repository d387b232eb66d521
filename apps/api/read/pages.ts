import { ProblemError } from '../problem/problem.js';
import type { Validator } from '../validation/compile.js';
import { type CursorScope, readCursor, signCursor } from './cursor.js';

/** Rows of a page when the caller does not say. */
const LIMIT_DEFAULT = 50;

export const limitOf = (limit: string | undefined): number =>
  limit === undefined ? LIMIT_DEFAULT : Number(limit);

/** @throws ProblemError `request.invalid` naming the fields */
export function checked<T>(validate: Validator<T>, raw: unknown): T {
  const result = validate(raw);
  if (!result.ok) throw ProblemError.invalid(result.error);
  return result.value;
}

/** Where the page begins; undefined at the start. @throws ProblemError when the cursor is not of this list and filter */
export function placeOf(key: Uint8Array, scope: CursorScope, cursor: string | undefined): bigint | undefined {
  if (cursor === undefined) return undefined;
  const place = readCursor(key, scope, cursor);
  if (place === undefined) {
    const message = 'is not a cursor of this user and filter: start again without one';
    throw ProblemError.invalid([{ field: 'cursor', message }]);
  }
  return place;
}

/** `rows` was asked for with one more than `count`: that one says that there is a next page. */
export function pageOf<T>(
  rows: readonly T[],
  count: number,
  sign: { readonly key: Uint8Array; readonly scope: CursorScope; readonly place: (last: T) => bigint },
): { readonly rows: readonly T[]; readonly nextCursor: string | null } {
  const shown = rows.slice(0, count);
  const last = rows.length > count ? shown.at(-1) : undefined;
  return {
    rows: shown,
    nextCursor: last === undefined ? null : signCursor(sign.key, sign.scope, sign.place(last)),
  };
}
