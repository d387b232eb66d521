import { LogHead } from '#libs/event-store/log-head.js';
import type { RecordedEvent } from '#libs/event-store/port.js';
import type { LogReader } from './log-reader.js';
import { LogTail } from './log-tail.js';
import { SharedReads } from './shared-reads.js';

function sharedOver(positions: readonly bigint[]) {
  const head = new LogHead();
  head.advance(positions.at(-1)!);
  let reads = 0;
  const readLog: LogReader['readLog'] = async ({ after, upTo }) => {
    reads++;
    await Promise.resolve();
    const wanted = positions.filter((position) => position > after && position <= upTo);
    return wanted.map((position) => ({ position, data: '', metadata: '' }) as RecordedEvent);
  };
  const reader = { readLog } as LogReader;
  const tail = new LogTail({ events: 1_000, units: 1_000_000 });
  return { shared: new SharedReads({ head, tail, reader }), reads: () => reads };
}

const TEN = Array.from({ length: 10 }, (_, i) => BigInt(i + 1));

test('subscribers at the same place share one read', async () => {
  const { shared, reads } = sharedOver(TEN);
  for (let i = 0; i < 5; i++) shared.join();
  const found = await Promise.all(Array.from({ length: 5 }, () => shared.read(4n, 3)));
  expect(found.map((events) => events?.map(({ position }) => position))).toEqual(
    found.map(() => [5n, 6n, 7n]),
  );
  expect(reads()).toBe(1);
});

test('a lone subscriber, and one far behind, read for themselves', async () => {
  const { shared, reads } = sharedOver([...TEN, 50_000n]);
  shared.join();
  expect(await shared.read(49_999n, 10)).toBeUndefined();
  shared.join();
  expect(await shared.read(4n, 10)).toBeUndefined();
  expect(reads()).toBe(0);
});

test('a log with a gap is read plainly: nothing is taken for another event', async () => {
  const { shared } = sharedOver([1n, 2n, 5n, 6n]);
  shared.join();
  shared.join();
  expect(await shared.read(0n, 10)).toBeUndefined();
});
