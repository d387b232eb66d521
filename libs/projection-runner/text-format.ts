import type { Cell } from './projection.js';

/** Rows and arrays in Postgres' text formats, written by hand: the driver's own way costs several times as much. */

const COPY_SPECIAL = /[\\\n\r\t]/;
const COPY_SPECIALS = /[\\\n\r\t]/g;
const COPY_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** One value of a COPY line. */
export function copyCell(value: Cell): string {
  switch (typeof value) {
    case 'string':
      return COPY_SPECIAL.test(value)
        ? value.replace(COPY_SPECIALS, (character) => COPY_ESCAPES[character]!)
        : value;
    case 'undefined':
      return '\\N';
    case 'boolean':
      return value ? 't' : 'f';
    default:
      return value.toString();
  }
}

// What needs no quotes inside an array literal; the word NULL does.
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._:-]*$/;
const NULL_WORD = /^null$/i;

/** An array literal such as `{a,"b c",NULL}`, for a parameter cast to the array's type. */
export function arrayLiteral(values: readonly Cell[]): string {
  return `{${values.map(arrayItem).join(',')}}`;
}

function arrayItem(value: Cell): string {
  if (value === undefined) return 'NULL';
  if (typeof value !== 'string') return value.toString();
  if (PLAIN.test(value) && !NULL_WORD.test(value)) return value;
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
