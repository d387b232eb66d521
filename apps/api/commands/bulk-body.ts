import { ProblemError } from '../problem/problem.js';
import { BULK_ITEMS_MAX } from './limits.js';

/** A bulk's body, its items not looked at yet. */
export interface Bulk {
  readonly items: readonly unknown[];
  readonly atomicPerWallet: boolean;
}

const FIELDS = ['items', 'atomicPerWallet'];

const invalid = (field: string, message: string) => ProblemError.invalid([{ field, message }]);

/** @throws ProblemError when the bulk itself is malformed */
export function readBulk(body: unknown): Bulk {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw invalid('body', 'must be a JSON object with items');
  }
  const unknown = Object.keys(body).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) {
    throw invalid(unknown.slice(0, 128), `is not a field of this request; it knows ${FIELDS.join(', ')}`);
  }
  const { items, atomicPerWallet = false } = body as { [Field in keyof Bulk]?: unknown };
  if (!Array.isArray(items) || items.length < 1 || items.length > BULK_ITEMS_MAX) {
    throw invalid('items', `must be an array of 1 to ${BULK_ITEMS_MAX} charges`);
  }
  if (typeof atomicPerWallet !== 'boolean') throw invalid('atomicPerWallet', 'must be true or false');
  return { items, atomicPerWallet };
}
