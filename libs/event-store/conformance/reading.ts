import { expect, test } from '@jest/globals';
import { ForeignPositionError, PositionBeyondHeadError } from '../errors.js';
import { LOG_START } from '../port.js';
import { formatPosition, parsePosition } from '../position.js';
import { collect, event, events, namesOf, withStore, type OpenStore } from './harness.js';

/** Longer than one page of any adapter. */
const LONG_STREAM_EVENTS = 2_300;
const APPEND_EVENTS = 460;
const CLOCK_TOLERANCE_MS = 5_000;

/** Reading streams and the log; exact bytes; positions. */
export function readCases(open: OpenStore): void {
  test('an empty log has no events and its head is its start', () =>
    withStore(open, async ({ store }) => {
      expect(await store.head()).toBe(LOG_START);
      expect(await collect(store.readAll())).toEqual([]);
      expect(await collect(store.readStream('wallet-none'))).toEqual([]);
    }));

  test('a long stream comes in pages, in order, from any revision, at most as many as asked', () =>
    withStore(open, async ({ store, other }) => {
      for (let at = 0; at < LONG_STREAM_EVENTS; at += APPEND_EVENTS) {
        await store.append('wallet-a', events(`at${at}`, APPEND_EVENTS), {
          expected: at === 0 ? 'no_stream' : at - 1,
        });
      }
      await store.append('wallet-b', [event('b')], { expected: 'no_stream' });
      const all = await collect(store.readStream('wallet-a'));
      expect(all.map((one) => one.revision)).toEqual(Array.from({ length: LONG_STREAM_EVENTS }, (_, i) => i));
      const part = async (from: number, maxCount?: number) =>
        (
          await collect(other.readStream('wallet-a', maxCount === undefined ? { from } : { from, maxCount }))
        ).map((one) => one.revision);
      expect(await part(2_297)).toEqual([2_297, 2_298, 2_299]);
      expect(await part(5, 2)).toEqual([5, 6]);
      expect(await part(0, 1_500)).toHaveLength(1_500);
      expect(await part(2_300)).toEqual([]);
      expect(await collect(other.readAll())).toHaveLength(LONG_STREAM_EVENTS + 1);
    }));

  test('the log is read behind a position, at most as many as asked', () =>
    withStore(open, async ({ store }) => {
      const a = await store.append('wallet-a', events('a', 3), { expected: 'no_stream' });
      await store.append('creator-b', events('b', 3), { expected: 'no_stream' });
      const behind = await collect(store.readAll({ after: a.positions[1]! }));
      expect(namesOf(behind)).toEqual(['a.2', 'b.0', 'b.1', 'b.2']);
      expect(namesOf(await collect(store.readAll({ after: a.positions[1]!, maxCount: 2 })))).toEqual([
        'a.2',
        'b.0',
      ]);
      expect(await collect(store.readAll({ after: await store.head() }))).toEqual([]);
    }));

  exactnessCases(open);
  positionCases(open);
}

/** JSON texts that a parser, a jsonb column or a careless encoding would change. */
const EXACT = [
  '{"b":1,"a":2,"a":3}',
  '{ "spaces" :  [ 1 , 2 ] }\n',
  '{"nul":"\\u0000","escaped":"\\u00e9","raw":"\u00e9\u4e2d\u{1f4b0}","slash":"\\/"}',
  '{"big":123456789012345678901234567890,"exact":1.10,"exp":1E400,"minus":-0}',
  '"\\ud800 as an escape"',
  '{"quotes":"\\"\'$$ \\\\x41","braces":"{},NULL,\\t"}',
  'null',
  `"${'long \u20ac '.repeat(2_000)}"`,
];

function exactnessCases(open: OpenStore): void {
  test('data and metadata come back byte for byte, id, type and stream too', () =>
    withStore(open, async ({ store, other }) => {
      const list = EXACT.map((text, i) =>
        event(`exact-${i}`, {
          data: text,
          metadata: EXACT[(i + 1) % EXACT.length]!,
          type: `Kept-as_is.v${i}`,
        }),
      );
      await store.append('Up_per9-A.b_c-d', list, { expected: 'no_stream' });
      for (const read of [store.readStream('Up_per9-A.b_c-d'), store.readAll(), other.readAll()]) {
        const got = await collect(read);
        expect(got.map(({ id, type, data, metadata }) => ({ id, type, data, metadata }))).toEqual(list);
        expect(new Set(got.map((one) => one.stream))).toEqual(new Set(['Up_per9-A.b_c-d']));
      }
    }));

  test('the recorded time is the store clock of the append and never goes back', () =>
    withStore(open, async ({ store }) => {
      const before = await store.now();
      for (let i = 0; i < 5; i++)
        await store.append(`wallet-${i}`, events(`e${i}`, 2), { expected: 'no_stream' });
      const after = await store.now();
      const times = (await collect(store.readAll())).map((one) => one.recordedAt);
      expect([...times].sort((a, b) => a - b)).toEqual(times);
      for (const time of times) {
        expect(Number.isInteger(time)).toBe(true);
        expect(time).toBeGreaterThanOrEqual(Math.floor(before) - 1);
        expect(time).toBeLessThanOrEqual(after + 1);
      }
      expect(Math.abs(before - Date.now())).toBeLessThan(CLOCK_TOLERANCE_MS);
    }));
}

function positionCases(open: OpenStore): void {
  test('a position as text carries the log and is refused by another', () =>
    withStore(open, async ({ store, other }) => {
      expect(store.logId).toMatch(/^[0-9a-f]{8}$/);
      expect(other.logId).toBe(store.logId);
      const { positions } = await store.append('wallet-a', [event('one')], { expected: 'no_stream' });
      const text = formatPosition(store.logId, positions[0]!);
      expect(parsePosition(store.logId, text)).toBe(positions[0]);
      const foreign = store.logId === '00000000' ? '00000001' : '00000000';
      expect(() => parsePosition(foreign, text)).toThrow(ForeignPositionError);
      for (const bad of ['', '1', `${store.logId}-`, `${store.logId}--1`, `${store.logId}-01`, `${text}x`]) {
        expect(() => parsePosition(store.logId, bad)).toThrow(ForeignPositionError);
      }
    }));

  test('a position beyond the head, or before the start, stops a reader by name', () =>
    withStore(open, async ({ store }) => {
      await store.append('wallet-a', [event('one')], { expected: 'no_stream' });
      const head = await store.head();
      const beyond = await collect(store.readAll({ after: head + 1n })).catch((error: unknown) => error);
      expect(beyond).toBeInstanceOf(PositionBeyondHeadError);
      expect(beyond).toMatchObject({ position: head + 1n, head });
      await expect(collect(store.readAll({ after: -1n }))).rejects.toBeInstanceOf(ForeignPositionError);
    }));
}
