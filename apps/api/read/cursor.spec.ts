import { expect, test } from '@jest/globals';
import { type CursorScope, readCursor, signCursor } from './cursor.js';

const KEY = Buffer.alloc(32, 1);
const SCOPE: CursorScope = ['transactions', 'u-1', 'expiry', 1, undefined];

test('a cursor reads back where the next page begins', () => {
  expect(readCursor(KEY, SCOPE, signCursor(KEY, SCOPE, 4_711n))).toBe(4_711n);
});

test.each<[string, CursorScope]>([
  ['list', ['lots', 'u-1', 'expiry', 1, undefined]],
  ['user', ['transactions', 'u-2', 'expiry', 1, undefined]],
  ['type', ['transactions', 'u-1', undefined, 1, undefined]],
  ['from', ['transactions', 'u-1', 'expiry', 2, undefined]],
  ['to', ['transactions', 'u-1', 'expiry', 1, 1]],
  ['number of filters', ['transactions', 'u-1', 'expiry', 1]],
])('a cursor of another %s is refused', (_name, scope) => {
  expect(readCursor(KEY, scope, signCursor(KEY, SCOPE, 9n))).toBeUndefined();
});

test('a cursor is refused with another key, another place or another form', () => {
  const cursor = signCursor(KEY, SCOPE, 9n);
  expect(readCursor(Buffer.alloc(32, 2), SCOPE, cursor)).toBeUndefined();
  expect(readCursor(KEY, SCOPE, cursor.replace(/^9/, '8'))).toBeUndefined();
  for (const bad of ['', '9', `${cursor}x`, `0${cursor}`, cursor.slice(0, -1), '9.']) {
    expect(readCursor(KEY, SCOPE, bad)).toBeUndefined();
  }
});
