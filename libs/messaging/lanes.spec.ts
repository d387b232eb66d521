import fc from 'fast-check';
import { holds } from '#test/support/property.js';
import { lanesOf } from './lanes.js';

const messages = fc
  .array(fc.integer({ min: 0, max: 40 }), { maxLength: 600 })
  .map((streams) => streams.map((stream, place) => ({ stream: `s-${stream}`, place })));

describe('lanes', () => {
  test('keep every message, each stream whole in one lane and in its order', () =>
    holds(
      'lanes',
      500,
      fc.property(messages, fc.integer({ min: 1, max: 8 }), (given, lanesMax) => {
        const lanes = lanesOf(given, lanesMax);
        expect(lanes.length).toBeLessThanOrEqual(lanesMax);
        expect(
          lanes
            .flat()
            .map(({ place }) => place)
            .sort((a, b) => a - b),
        ).toEqual(given.map(({ place }) => place));
        const laneOf = new Map<string, number>();
        lanes.forEach((lane, index) => {
          for (let i = 0; i < lane.length; i++) {
            expect(laneOf.get(lane[i]!.stream) ?? index).toBe(index);
            laneOf.set(lane[i]!.stream, index);
            if (i > 0) expect(lane[i]!.place).toBeGreaterThan(lane[i - 1]!.place);
          }
        });
      }),
    ));

  test('are few for few messages, and about equally long for many', () => {
    const of = (count: number) => Array.from({ length: count }, (_, i) => ({ stream: `s-${i % 50}` }));
    expect(lanesOf([], 4)).toEqual([]);
    expect(lanesOf(of(100), 4).map(({ length }) => length)).toEqual([100]);
    expect(lanesOf(of(500), 4).map(({ length }) => length)).toEqual([130, 130, 120, 120]);
  });
});
