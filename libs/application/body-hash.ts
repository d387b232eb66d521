import { hash } from 'node:crypto';

/** What a command says, for hashing: amounts parsed (as bigint), fields as sent, before defaults. */
export type BodyValue =
  string | number | boolean | bigint | null | undefined | readonly BodyValue[] | BodyFields;
export interface BodyFields {
  readonly [field: string]: BodyValue;
}

/**
 * SHA-256 (base64url) of the canonical JSON (RFC 8785) of command type, path parameters and the fields sent; amounts
 * count by value, so "12" and 12 are the same (domain rules, section 4, idempotency).
 */
export function hashBody(commandType: string, fields: BodyFields): string {
  return hash('sha256', `${commandType} ${canonicalJson(fields)}`, 'base64url');
}

/** RFC 8785: keys sorted by UTF-16 code units, no white space; numbers as ECMAScript prints them. */
export function canonicalJson(value: BodyValue): string {
  if (typeof value === 'bigint') return `"${value}"`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${(value as readonly BodyValue[]).map(canonicalJson).join(',')}]`;
  const fields = value as BodyFields;
  const parts: string[] = [];
  for (const key of Object.keys(fields).sort()) {
    const field = fields[key];
    if (field !== undefined) parts.push(`${quotedName(key)}:${canonicalJson(field)}`);
  }
  return `{${parts.join(',')}}`;
}

/** Field names repeat from command to command; those of users' making (there are none yet) are bounded. */
const quotedNames = new Map<string, string>();
const QUOTED_NAMES_MAX = 1_000;

function quotedName(name: string): string {
  const known = quotedNames.get(name);
  if (known !== undefined) return known;
  const quoted = JSON.stringify(name);
  if (quotedNames.size < QUOTED_NAMES_MAX) quotedNames.set(name, quoted);
  return quoted;
}
