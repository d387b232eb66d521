import fc from 'fast-check';
import { GrowingMap } from './growing-map.js';

describe('GrowingMap', () => {
  test('an older handle does not see what came later', () => {
    const one = GrowingMap.empty<number>().with('a', 1);
    const two = one.with('b', 2);
    expect([one.has('b'), two.get('b'), one.size, two.size]).toEqual([false, 2, 1, 2]);
  });

  test('two branches from one handle stay apart', () => {
    const base = GrowingMap.empty<number>().with('a', 1);
    const left = base.with('b', 2);
    const right = base.with('b', 3).with('c', 4);
    expect([left.get('b'), right.get('b'), left.has('c'), base.has('b')]).toEqual([2, 3, false, false]);
  });

  test('an entry is a fact: setting it again throws', () => {
    expect(() => GrowingMap.empty<number>().with('a', 1).with('a', 2)).toThrow('already there');
  });

  test('a long chain of branches is copied into one table and keeps its entries', () => {
    let map = GrowingMap.empty<number>();
    for (let i = 0; i < 100; i++) {
      map.with(`abandoned-${i}`, i);
      map = map.with(`kept-${i}`, i);
    }
    expect(map.size).toBe(100);
    for (let i = 0; i < 100; i++)
      expect([map.get(`kept-${i}`), map.has(`abandoned-${i}`)]).toEqual([i, false]);
  });

  test('behaves as copying a Map each time would (property)', () => {
    const step = fc.record({ from: fc.nat(30), key: fc.constantFrom('a', 'b', 'c', 'd', 'e') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const handles = [GrowingMap.empty<number>()];
        const models = [new Map<string, number>()];
        steps.forEach(({ from, key }, n) => {
          const i = from % handles.length;
          if (models[i]!.has(key)) return;
          handles.push(handles[i]!.with(key, n));
          models.push(new Map(models[i]).set(key, n));
        });
        handles.forEach((handle, i) => {
          for (const key of ['a', 'b', 'c', 'd', 'e']) expect(handle.get(key)).toBe(models[i]!.get(key));
        });
      }),
    );
  });
});
