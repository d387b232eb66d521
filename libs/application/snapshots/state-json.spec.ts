import fc from 'fast-check';
import { PersistentMap } from '#libs/kernel/persistent-map.js';
import { holds } from '#test/support/property.js';
import { decodeState, encodeState } from './state-json.js';

const PROPERTY_RUNS = 500;

const leaf = fc.oneof(
  fc.string(),
  fc.bigInt(),
  fc.boolean(),
  fc.integer(),
  // JSON knows no negative zero.
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)),
  fc.constant(null),
);
const name = fc.string().filter((text) => !text.startsWith('$') && text !== '__proto__');
const { state } = fc.letrec<{ state: unknown }>((tie) => ({
  state: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('state')),
    fc.dictionary(name, tie('state')),
    fc.array(tie('state')).map((members) => new Set(members)),
    fc.array(fc.tuple(fc.string(), tie('state'))).map((entries) => PersistentMap.of(entries)),
  ),
}));

/** Plain values to compare by: which handle of a map holds the table does not matter, nor does its order. */
function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  if (value instanceof PersistentMap) return { map: new Map(value.entries().map(([k, v]) => [k, shown(v)])) };
  if (value instanceof Set) return { set: [...value].map(encodeState).sort() };
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([field, item]) => [field, shown(item)]));
  }
  return value;
}

test('what is encoded comes back, and encodes to the same text', () => {
  holds(
    'state as JSON',
    PROPERTY_RUNS,
    fc.property(state, (value) => {
      const text = encodeState(value);
      const back = decodeState(text);
      expect(shown(back)).toEqual(shown(value));
      expect(encodeState(back)).toBe(text);
    }),
  );
});

test('equal states have one text, however their maps and fields came to be', () => {
  const one = { a: 1n, b: PersistentMap.empty<number>().with('x', 1).with('y', 2), c: undefined };
  const other = {
    b: PersistentMap.empty<number>().with('y', 2).with('z', 0).without('z').with('x', 1),
    a: 1n,
  };
  expect(encodeState(one)).toBe('{"a":{"$bigint":"1"},"b":{"$map":[["x",1],["y",2]]}}');
  expect(encodeState(other)).toBe(encodeState(one));
});

test.each([
  [{ at: new Date(0) }, 'state.at is a Date'],
  [{ a: [1, NaN] }, 'state.a[1] is NaN'],
  [{ m: PersistentMap.of([['k', new Map()]]) }, 'state.m.k is a Map'],
  [{ $bigint: '1' }, 'field $bigint'],
  [[undefined], 'state[0] is undefined'],
])('%p cannot be kept', (value, message) => {
  expect(() => encodeState(value)).toThrow(message);
});

test.each([
  '{"$bigint":"1.5"}',
  '{"$bigint":1}',
  '{"$map":[["a"]]}',
  '{"$map":{}}',
  '{"$set":1}',
  '{"$date":"x"}',
  '{"$map":[],"b":1}',
  '{',
])('%s is no state', (text) => {
  expect(() => decodeState(text)).toThrow();
});
