import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ProblemError } from '../problem/problem.js';
import { JSON_DEPTH_MAX, parseJsonBody } from './json-body.js';

const read = (text: string): unknown => parseJsonBody(Buffer.from(text));
const problem = (bytes: Buffer | string): string => {
  try {
    parseJsonBody(Buffer.from(bytes));
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.detail;
    throw error;
  }
  return 'accepted';
};

test('reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      expect(read(text)).toEqual(JSON.parse(text));
    }),
  );
});

test.each([
  ['nothing', '', 'body: is empty: send a JSON object'],
  ['no JSON', '{userId:1}', 'body: is not JSON'],
  ['an open string', '{"a":"', 'body: is not JSON'],
  ['an open escape', '{"a":"\\', 'body: is not JSON'],
  ['NaN', '{"a":NaN}', 'body: is not JSON'],
  ['a byte order mark', '\ufeff{}', 'body: is not JSON'],
  ['two values', '{}{}', 'body: is not JSON'],
  ['a name twice', '{"amount":1,"amount":2}', 'body: names "amount" twice in one object'],
  ['a name twice, one escaped', '{"a":1,"\\u0061":2}', 'body: names "a" twice in one object'],
  ['a name twice, deeper', '{"items":[{"a":1},{"b":":","b" :2}]}', 'body: names "b" twice in one object'],
  ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'body: names "__proto__" twice in one object'],
])('refuses %s', (_name, text, detail) => expect(problem(text)).toBe(detail));

test('the same name in different objects is no repetition', () => {
  expect(read('{"a":{"a":1},"b":[{"a":":"},{"a":"\\""}]}')).toEqual({
    a: { a: 1 },
    b: [{ a: ':' }, { a: '"' }],
  });
});

test('refuses bytes that are not UTF-8', () => {
  expect(problem(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))).toBe('body: is not UTF-8');
});

test('a depth bomb is refused before it is parsed', () => {
  expect(problem('['.repeat(200_000))).toBe(`body: nests deeper than ${JSON_DEPTH_MAX} levels`);
  expect(problem('{"a":'.repeat(200_000))).toBe(`body: nests deeper than ${JSON_DEPTH_MAX} levels`);
  const deepest = '['.repeat(JSON_DEPTH_MAX) + ']'.repeat(JSON_DEPTH_MAX);
  expect(problem(deepest)).toBe('accepted');
});
