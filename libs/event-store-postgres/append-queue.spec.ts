import type { NewEvent } from '#libs/event-store/port.js';
import { AppendQueue, type PendingAppend } from './append-queue.js';

const LIMITS = { events: 100, units: 100_000 };
const ALL = { withBulk: true };

function append(stream: string, events = 1, units = events * 10): PendingAppend {
  const none: NewEvent = { id: '', type: '', data: '', metadata: '' };
  const list = Array.from({ length: events }, () => none);
  return {
    stream,
    events: list,
    base: -1,
    units,
    bulk: false,
    resolve: () => undefined,
    reject: () => undefined,
  };
}

function streams(batch: readonly PendingAppend[]): string[] {
  return batch.map((one) => one.stream);
}

function queueOf(...appends: PendingAppend[]): AppendQueue {
  const queue = new AppendQueue();
  for (const one of appends) queue.add(one);
  return queue;
}

test('appends of different streams board in the order they came', () => {
  const queue = queueOf(append('a'), append('b'), append('c'));
  expect(streams(queue.take(LIMITS, ALL))).toEqual(['a', 'b', 'c']);
  expect(queue.isEmpty).toBe(true);
});

test('a stream has one append in flight; its next one goes when the first is settled', () => {
  const queue = queueOf(append('a'), append('a'), append('b'));
  expect(streams(queue.take(LIMITS, ALL))).toEqual(['a', 'b']);
  expect(queue.take(LIMITS, ALL)).toEqual([]);
  queue.release('b');
  expect(queue.take(LIMITS, ALL)).toEqual([]);
  queue.release('a');
  expect(streams(queue.take(LIMITS, ALL))).toEqual(['a']);
});

test('a small append overtakes a bulk of large ones that came before', () => {
  const bulk = Array.from({ length: 20 }, (_, i) => append(`bulk-${i}`, 40));
  const queue = queueOf(...bulk, append('single'));
  expect(streams(queue.take(LIMITS, ALL))).toEqual(['single', 'bulk-0', 'bulk-1']);
});

test('small appends take at most half of a batch while large ones wait', () => {
  const singles = Array.from({ length: 300 }, (_, i) => append(`s${i}`));
  const queue = queueOf(...singles, append('bulk', 40));
  const first = streams(queue.take(LIMITS, ALL));
  expect(first).toHaveLength(51);
  expect(first.at(-1)).toBe('bulk');
  expect(queue.take(LIMITS, ALL)).toHaveLength(100);
});

test('an append longer than a batch travels whole, beside small ones too, and never starves', () => {
  const queue = queueOf(append('huge', 500), append('small'));
  expect(streams(queue.take(LIMITS, ALL))).toEqual(['small', 'huge']);
  expect(streams(queueOf(append('huge', 500)).take(LIMITS, ALL))).toEqual(['huge']);
});

test('one short append of a bulk waits behind single ones, and is left out when only those are asked for', () => {
  const queue = queueOf({ ...append('bulk'), bulk: true }, append('a'), append('b'));
  expect(streams(queue.take(LIMITS, { withBulk: false }))).toEqual(['a', 'b']);
  expect(queue.take(LIMITS, { withBulk: false })).toEqual([]);
  expect(queue.isEmpty).toBe(false);
  expect(streams(queue.take(LIMITS, ALL))).toEqual(['bulk']);
});

test('a batch is bounded by its text too', () => {
  const queue = queueOf(...Array.from({ length: 5 }, (_, i) => append(`s${i}`, 1, 40_000)));
  expect(queue.take(LIMITS, ALL)).toHaveLength(2);
  expect(queue.take(LIMITS, ALL)).toHaveLength(2);
  expect(queue.take(LIMITS, ALL)).toHaveLength(1);
});
