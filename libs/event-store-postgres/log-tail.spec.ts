import type { RecordedEvent } from '#libs/event-store/port.js';
import { LogTail } from './log-tail.js';

const LIMITS = { events: 6, units: 10_000 };

function range(after: number, to: number, text = '{}'): RecordedEvent[] {
  return Array.from({ length: to - after }, (_, i) => {
    const place = { stream: 'wallet-a', revision: after + i, position: BigInt(after + i + 1), recordedAt: 0 };
    return { ...place, id: '', type: 'Noted.v1', data: text, metadata: '{}' };
  });
}

function positions(tail: LogTail, after: bigint, countMax = 100): number[] | undefined {
  return tail.read(after, countMax)?.map((event) => Number(event.position));
}

test('reads across batches, from inside one, at most as many as asked', () => {
  const tail = new LogTail(LIMITS);
  tail.add(10n, range(10, 12));
  tail.add(12n, range(12, 15));
  expect(positions(tail, 10n)).toEqual([11, 12, 13, 14, 15]);
  expect(positions(tail, 11n, 2)).toEqual([12, 13]);
  expect(positions(tail, 15n)).toBeUndefined();
  expect(positions(tail, 9n)).toBeUndefined();
  expect([tail.has(14n), tail.has(15n), tail.has(9n)]).toEqual([true, false, false]);
});

test('stops at a gap, which another process has written', () => {
  const tail = new LogTail(LIMITS);
  tail.add(0n, range(0, 2));
  tail.add(4n, range(4, 6));
  expect(positions(tail, 0n)).toEqual([1, 2]);
  expect(positions(tail, 2n)).toBeUndefined();
  expect(positions(tail, 4n)).toEqual([5, 6]);
});

test('takes batches confirmed out of order', () => {
  const tail = new LogTail(LIMITS);
  tail.add(2n, range(2, 4));
  tail.add(0n, range(0, 2));
  expect(positions(tail, 0n)).toEqual([1, 2, 3, 4]);
});

test('forgets the oldest beyond its limits of events and of text', () => {
  const tail = new LogTail(LIMITS);
  for (let after = 0; after < 10; after += 2) tail.add(BigInt(after), range(after, after + 2));
  expect(positions(tail, 2n)).toBeUndefined();
  expect(positions(tail, 4n)).toEqual([5, 6, 7, 8, 9, 10]);
  tail.add(10n, range(10, 11, 'x'.repeat(9_995)));
  expect(positions(tail, 8n)).toBeUndefined();
  expect(positions(tail, 10n)).toEqual([11]);
});
