import { createHash } from 'node:crypto';
import { canonicalJson, hashBody } from './body-hash.js';
import { commandIdOf } from './command-id.js';

describe('body hash', () => {
  test.each([
    ['the order of fields does not count', { b: 1, a: 2 }, { a: 2, b: 1 }],
    ['a field that is undefined is not there', { a: 1, b: undefined }, { a: 1 }],
    ['an amount counts by its value, parsed', { amount: 12n }, { amount: BigInt('12') }],
    ['inside objects and lists too', { a: [{ c: 1, b: 2 }] }, { a: [{ b: 2, c: 1 }] }],
  ])('%s', (_rule, one, other) => {
    expect(hashBody('Test', one)).toBe(hashBody('Test', other));
  });

  test.each<[rule: string, one: Parameters<typeof hashBody>, other: Parameters<typeof hashBody>]>([
    ['the type of command', ['A', {}], ['B', {}]],
    ['a field sent as null', ['A', { a: null }], ['A', {}]],
    ['a value', ['A', { a: 1 }], ['A', { a: 2 }]],
    ['a number is not a text', ['A', { a: 1 }], ['A', { a: '1' }]],
    ['the order of a list', ['A', { a: [1, 2] }], ['A', { a: [2, 1] }]],
    ['where one field ends', ['A', { a: 'x', b: 'y' }], ['A', { a: 'x","b":"y' }]],
  ])('%s makes another hash', (_rule, one, other) => {
    expect(hashBody(...one)).not.toBe(hashBody(...other));
  });

  test('is SHA-256 of command type and canonical JSON, the same for ever: keys are repeated after years', () => {
    const text = 'OpenWallet {"plan":"PRO","userId":"u-1"}';
    expect(hashBody('OpenWallet', { userId: 'u-1', plan: 'PRO' })).toBe(
      createHash('sha256').update(text).digest('base64url'),
    );
    expect(hashBody('OpenWallet', { userId: 'u-1' })).toBe('w5bx5ZeOiMlAgFy2mpWpD6TDLWZhaeJo8uMgTACxW7I');
  });

  test('canonical JSON sorts keys by UTF-16 code units and writes no white space', () => {
    expect(canonicalJson({ '\u20ac': 1, '\r': 2, '1': 3, '\ud83d\ude02': 4, '\u0080': 5, '\ufb33': 6 })).toBe(
      '{"\\r":2,"1":3,"\u0080":5,"\u20ac":1,"\ud83d\ude02":4,"\ufb33":6}',
    );
    expect(canonicalJson({ n: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 1e-27, -0], t: true })).toBe(
      '{"n":[333333333.3333333,1e+30,4.5,0.002,1e-27,0],"t":true}',
    );
  });
});

describe('command id', () => {
  const of = (stream: string, principal: string, key: string) =>
    commandIdOf(stream, { principal, key, bodyHash: '' });

  test('is 32 hex digits, the same for the same stream, principal and key', () => {
    expect(of('wallet-u', 'local', 'k')).toMatch(/^[0-9a-f]{32}$/);
    expect(of('wallet-u', 'local', 'k')).toBe(of('wallet-u', 'local', 'k'));
  });

  test('no two triples read alike, wherever their borders lie', () => {
    const ids = [
      of('wallet-u', 'local', 'k'),
      of('wallet-ul', 'ocal', 'k'),
      of('wallet-u', 'loca', 'lk'),
      of('wallet-u', 'local1:', 'k'),
      of('wallet-u', 'local', '1:k'),
      of('wallet-u5', 'local', 'k'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
