import { expect, test } from '@jest/globals';
import { AppendSizeError, InvalidAppendError } from '../errors.js';
import { APPEND_BYTES_MAX, APPEND_EVENTS_MAX, LOG_START, type NewEvent } from '../port.js';
import { collect, event, events, withStore, type OpenStore } from './harness.js';

/** Limits and malformed input: typed, named, nothing written, the store goes on. */
export function refusalCases(open: OpenStore): void {
  sizeCases(open);
  fieldCases(open);
}

function sizeCases(open: OpenStore): void {
  test(`${APPEND_EVENTS_MAX} events are taken, one more is not, none is not`, () =>
    withStore(open, async ({ store }) => {
      const full = await store.append('wallet-a', events('full', APPEND_EVENTS_MAX), {
        expected: 'no_stream',
      });
      expect(full.revision).toBe(APPEND_EVENTS_MAX - 1);
      expect(full.positions).toHaveLength(APPEND_EVENTS_MAX);
      const over = store.append('wallet-b', events('over', APPEND_EVENTS_MAX + 1), { expected: 'no_stream' });
      await expect(over).rejects.toBeInstanceOf(AppendSizeError);
      await expect(store.append('wallet-b', [], { expected: 'no_stream' })).rejects.toBeInstanceOf(
        AppendSizeError,
      );
      expect(await store.head()).toBe(full.positions.at(-1));
    }));

  test('512 KiB of data, metadata and types are taken, one byte more is not', () =>
    withStore(open, async ({ store }) => {
      const exact = sized(APPEND_BYTES_MAX);
      await store.append('wallet-a', [exact], { expected: 'no_stream' });
      const over = store.append('wallet-b', [sized(APPEND_BYTES_MAX + 1)], { expected: 'no_stream' });
      await expect(over).rejects.toBeInstanceOf(AppendSizeError);
      const [read] = await collect(store.readStream('wallet-a'));
      expect(read!.data).toBe(exact.data);
      expect(await collect(store.readAll())).toHaveLength(1);
    }));

  test('the limit counts bytes, not characters', () =>
    withStore(open, async ({ store }) => {
      const wide = event('wide', { data: JSON.stringify('\u20ac'.repeat(APPEND_BYTES_MAX / 3)) });
      await expect(store.append('wallet-a', [wide], { expected: 'no_stream' })).rejects.toBeInstanceOf(
        AppendSizeError,
      );
      const narrow = event('narrow', { data: JSON.stringify('e'.repeat(APPEND_BYTES_MAX / 3)) });
      await store.append('wallet-a', [narrow], { expected: 'no_stream' });
    }));
}

function sized(bytes: number): NewEvent {
  const empty = event('sized', { data: '""' });
  const rest = bytes - empty.data.length - empty.metadata.length - empty.type.length;
  return { ...empty, data: `"${'x'.repeat(rest)}"` };
}

const BAD_STREAMS = [
  '',
  'wallet',
  '-a',
  'wallet-',
  '$all-a',
  'wallet-a b',
  'wallet-\u00e9',
  'wallet-a\n',
  'wallet-' + 'x'.repeat(300),
];
const BAD_EXPECTED = [-1, 1.5, NaN, 2 ** 40, 'any', undefined, null];
const BAD_EVENTS: readonly (readonly [string, unknown])[] = [
  ['type', ''],
  ['type', 'Two words'],
  ['type', '$metadata'],
  ['type', 'T'.repeat(200)],
  ['type', undefined],
  ['id', ''],
  ['id', 'not-a-uuid'],
  ['id', '6F9619FF-8B86-4011-B42D-00CF4FC964FF'],
  ['id', undefined],
  ['data', ''],
  ['data', { not: 'text' }],
  ['data', undefined],
  ['data', '"a raw NUL \u0000"'],
  ['data', '"\ud800"'],
  ['metadata', ''],
  ['metadata', 7n],
  ['metadata', '"\udc00"'],
];

function fieldCases(open: OpenStore): void {
  test('a bad stream name, expectation, type, id, data or metadata by the name of its field', () =>
    withStore(open, async ({ store }) => {
      const fine = event('fine');
      const refusal = (stream: unknown, list: readonly unknown[], expected: unknown) =>
        store.append(stream as string, list as NewEvent[], { expected: expected as 'no_stream' }).then(
          () => 'written',
          (error: unknown) => error,
        );
      for (const stream of [...BAD_STREAMS, undefined, 7]) {
        expectField(await refusal(stream, [fine], 'no_stream'), 'stream');
      }
      for (const expected of BAD_EXPECTED)
        expectField(await refusal('wallet-a', [fine], expected), 'expected');
      for (const [field, value] of BAD_EVENTS) {
        const bad = { ...event('bad'), [field]: value };
        expectField(await refusal('wallet-a', [fine, bad], 'no_stream'), `events[1].${field}`);
      }
      expect(await store.head()).toBe(LOG_START);
      await store.append('wallet-a', [fine], { expected: 'no_stream' });
    }));

  test('only its own append, when good ones run beside it', () =>
    withStore(open, async ({ store }) => {
      const tries = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) =>
          store.append(`wallet-${i}`, [event(`e${i}`, i === 7 ? { type: '' } : {})], {
            expected: 'no_stream',
          }),
        ),
      );
      expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(19);
    }));
}

function expectField(refused: unknown, field: string): void {
  expect(refused).toBeInstanceOf(InvalidAppendError);
  expect(refused).toMatchObject({ field });
  expect((refused as Error).message).toContain(field);
}
