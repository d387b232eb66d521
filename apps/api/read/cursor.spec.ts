import { expect, test } from '@jest/globals';
import { type CursorScope, readCursor, signCursor } from './cursor.js';

const KEY = Buffer.alloc(32, 1);
const SCOPE: CursorScope = { userId: 'u-1', type: 'expiry', from: 1, to: undefined };

test('a cursor reads back where the next page begins', () => {
  expect(readCursor(KEY, SCOPE, signCursor(KEY, SCOPE, 4_711n))).toBe(4_711n);
});

test.each<[string, Partial<CursorScope>]>([
  ['user', { userId: 'u-2' }],
  ['type', { type: undefined }],
  ['from', { from: 2 }],
  ['to', { to: 1 }],
])('a cursor of another %s is refused', (_name, change) => {
  expect(readCursor(KEY, { ...SCOPE, ...change }, signCursor(KEY, SCOPE, 9n))).toBeUndefined();
});

test('a cursor is refused with another key, another place or another form', () => {
  const cursor = signCursor(KEY, SCOPE, 9n);
  expect(readCursor(Buffer.alloc(32, 2), SCOPE, cursor)).toBeUndefined();
  expect(readCursor(KEY, SCOPE, cursor.replace(/^9/, '8'))).toBeUndefined();
  for (const bad of ['', '9', `${cursor}x`, `0${cursor}`, cursor.slice(0, -1), '9.']) {
    expect(readCursor(KEY, SCOPE, bad)).toBeUndefined();
  }
});
