import { isUtf8 } from 'node:buffer';
import { ProblemError } from '../problem/problem.js';

/** No request of this interface nests deeper than a bulk's items; the rest is room for clear field errors. */
export const JSON_DEPTH_MAX = 16;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

const malformed = (message: string): ProblemError => ProblemError.invalid([{ field: 'body', message }]);

/**
 * Reads a JSON body strictly: UTF-8, at most 16 levels deep, no name twice in one object (JSON.parse would keep the
 * last and a proxy might have checked the first).
 * @throws ProblemError `request.invalid`, field `body`
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) throw malformed('is empty: send a JSON object');
  if (!isUtf8(bytes)) throw malformed('is not UTF-8');
  const text = bytes.toString('utf8');
  const names = countNames(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('is not JSON');
  }
  if (countProperties(value) !== names) {
    throw malformed(`names ${JSON.stringify(findDuplicate(text))} twice in one object`);
  }
  return value;
}

/** Names in the text, one for each colon outside strings. @throws when it nests too deep to be parsed safely. */
function countNames(text: string): number {
  let names = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) {
      i = endOfString(text, i);
    } else if (unit === COLON) {
      names++;
    } else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) {
      if (++depth > JSON_DEPTH_MAX) throw malformed(`nests deeper than ${JSON_DEPTH_MAX} levels`);
    } else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) {
      depth--;
    }
  }
  return names;
}

/** Index of the quote that closes the string opened at `start`, or past the end of the text. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) break;
    if (unit === BACKSLASH) i++;
  }
  return i;
}

function countProperties(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0;
  let properties = 0;
  if (Array.isArray(value)) {
    for (const item of value) properties += countProperties(item);
    return properties;
  }
  const object = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(object)) {
    const field = object[name];
    properties += typeof field === 'object' ? 1 + countProperties(field) : 1;
  }
  return properties;
}

/** The first name that one object of the (valid) text holds twice. */
function findDuplicate(text: string): string {
  const scopes: Set<string>[] = [];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === OPEN_BRACE || unit === OPEN_BRACKET) scopes.push(new Set());
    else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) scopes.pop();
    else if (unit === QUOTE) {
      const start = i;
      i = endOfString(text, i);
      if (!/^\s*:/.test(text.slice(i + 1, i + 1 + WHITE_SPACE_LOOKED_AT))) continue;
      const name = JSON.parse(text.slice(start, i + 1)) as string;
      if (scopes.at(-1)?.has(name)) return name.slice(0, NAME_SHOWN_MAX);
      scopes.at(-1)?.add(name);
    }
  }
  return '?';
}

const WHITE_SPACE_LOOKED_AT = 256;
const NAME_SHOWN_MAX = 128;
