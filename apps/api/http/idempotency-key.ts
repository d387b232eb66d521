import type { FastifyRequest } from 'fastify';
import type { FieldError } from '#libs/ledger/refusal.js';

export const IDEMPOTENCY_KEY_FIELD = 'Idempotency-Key';
export const KEY_EXPECTED = '1 to 255 printable ASCII characters';
const KEY = /^[\x20-\x7e]{1,255}$/;

export const isIdempotencyKey = (raw: unknown): raw is string => typeof raw === 'string' && KEY.test(raw);

/** The command's key, or what is wrong with it. Every command needs one (domain rules, section 4). */
export function readIdempotencyKey(request: FastifyRequest): string | FieldError {
  const raw = request.headers['idempotency-key'];
  if (raw === undefined) {
    return { field: IDEMPOTENCY_KEY_FIELD, message: `is missing: send a header of ${KEY_EXPECTED}` };
  }
  if (!isIdempotencyKey(raw)) return { field: IDEMPOTENCY_KEY_FIELD, message: `must be ${KEY_EXPECTED}` };
  // Node joins repeated headers with a comma: only then is it worth counting them.
  if (raw.includes(',') && isSentTwice(request.raw.rawHeaders)) {
    return { field: IDEMPOTENCY_KEY_FIELD, message: 'is sent twice' };
  }
  return raw;
}

function isSentTwice(rawHeaders: readonly string[]): boolean {
  return rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'idempotency-key').length > 1;
}
