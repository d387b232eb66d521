import { event } from '#libs/event-store/conformance/harness.js';
import type { NewEvent, Position, RecordedEvent } from '#libs/event-store/port.js';
import { EventRing } from './event-ring.js';

const LIMITS = { events: 10, units: 10_000 };
const recordedAt = (position: Position, more: Partial<NewEvent> = {}): RecordedEvent => ({
  ...event(String(position), more),
  stream: 'wallet-a',
  revision: 0,
  position,
  recordedAt: 0,
});
const positionsOf = (events: ReturnType<EventRing['read']>) => events?.map((event) => event.position);

test('gives what lies behind a position, through the gaps between positions', () => {
  const ring = new EventRing(LIMITS);
  expect(ring.covers(0n)).toBe(false);
  ring.start(100n);
  expect(ring.read(100n, 5)).toBeUndefined();
  for (const position of [150n, 163n, 900n]) ring.push(recordedAt(position));
  expect(positionsOf(ring.read(100n, 5))).toEqual([150n, 163n, 900n]);
  expect(positionsOf(ring.read(100n, 2))).toEqual([150n, 163n]);
  expect(positionsOf(ring.read(150n, 5))).toEqual([163n, 900n]);
  expect(positionsOf(ring.read(155n, 5))).toEqual([163n, 900n]);
  expect(ring.read(900n, 5)).toBeUndefined();
  expect(ring.covers(900n)).toBe(true);
  expect(ring.read(99n, 5)).toBeUndefined();
  expect(ring.covers(99n)).toBe(false);
});

test('forgets the oldest when it is full, and says so', () => {
  const ring = new EventRing(LIMITS);
  ring.start(0n);
  for (let position = 7n; position <= 7n * 10_000n; position += 7n) ring.push(recordedAt(position));
  expect(ring.covers(69_923n)).toBe(false);
  expect(ring.read(69_923n, 5)).toBeUndefined();
  expect(positionsOf(ring.read(69_930n, 100))).toEqual(
    Array.from({ length: 10 }, (_, i) => 69_937n + 7n * BigInt(i)),
  );
});

test('large events count by their size', () => {
  const ring = new EventRing(LIMITS);
  ring.start(0n);
  for (const position of [1n, 2n, 3n]) ring.push(recordedAt(position, { data: 'x'.repeat(4_000) }));
  expect(positionsOf(ring.read(1n, 5))).toEqual([2n, 3n]);
  expect(ring.covers(0n)).toBe(false);
});

test('starts anew', () => {
  const ring = new EventRing(LIMITS);
  ring.start(5n);
  ring.push(recordedAt(6n));
  ring.start(50n);
  expect(ring.read(5n, 5)).toBeUndefined();
  expect(ring.last).toBe(50n);
});
