import fc from 'fast-check';
import { holds } from '#test/support/property.js';
import { PersistentMap } from './persistent-map.js';

test('a changed map leaves the one it came from as it was', () => {
  const empty = PersistentMap.empty<number>();
  const one = empty.with('a', 1);
  const two = one.with('a', 2).with('b', 3);
  const none = two.without('a').without('missing');
  expect([empty.get('a'), one.get('a'), two.get('a'), none.get('a')]).toEqual([undefined, 1, 2, undefined]);
  expect([empty.size, one.size, two.size, none.size]).toEqual([0, 1, 2, 1]);
});

test('any handle of any history equals a Map that was copied at each change', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd');
  const change = fc.record({ from: fc.nat(), key, value: fc.option(fc.nat(), { nil: undefined }) });
  holds(
    'persistent map',
    500,
    fc.property(
      fc.array(change, { maxLength: 60 }),
      fc.array(fc.nat(), { maxLength: 60 }),
      (changes, reads) => {
        const handles = [PersistentMap.empty<number>()];
        const copies = [new Map<string, number>()];
        for (const { from, key: changed, value } of changes) {
          const at = from % handles.length;
          const copy = new Map(copies[at]);
          if (value === undefined) copy.delete(changed);
          else copy.set(changed, value);
          handles.push(
            value === undefined ? handles[at]!.without(changed) : handles[at]!.with(changed, value),
          );
          copies.push(copy);
        }
        for (const read of reads) {
          const at = read % handles.length;
          expect(new Map(handles[at]!.entries())).toEqual(copies[at]);
        }
      },
    ),
  );
});

test('maps begun from one empty map do not wait for each other', () => {
  const empty = PersistentMap.empty<number>();
  let [a, b] = [empty, empty];
  const started = performance.now();
  for (let i = 0; i < 20_000; i++) {
    a = a.with(`a${i}`, i);
    b = b.with(`b${i}`, i);
  }
  expect([a.size, b.size, empty.size]).toEqual([20_000, 20_000, 0]);
  // With a table in common each step would walk all the steps of the other: minutes.
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('a history of a million changes is read back from its beginning', () => {
  const first = PersistentMap.empty<number>();
  let last = first;
  for (let i = 0; i < 1_000_000; i++) last = last.with(`k${i % 1000}`, i);
  expect(first.size).toBe(0);
  expect(last.size).toBe(1000);
});
