import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { encodeMetadata } from '#libs/contracts/metadata.js';
import { encodeEvent } from '#libs/contracts/stored-events.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { PaymentId, UserId } from '#libs/kernel/ids.js';
import type { PaymentEvent } from '#libs/ledger/payment/payment.js';
import { WatchedStore } from '#test/support/application/watched-store.js';
import { holdsAsync } from '#test/support/property.js';
import { closeGap } from './close-gap.js';
import { CatchingUpFault } from './outcome.js';
import { Window } from './window.js';

const STREAM = 'payment-1';
const PROPERTY_RUNS = 25;
/** Ids are used again and again: the last use counts. */
const IDS = 40;
const definition = { idsOf: ({ paymentId }: PaymentEvent): readonly string[] => [paymentId] };

interface Command {
  readonly key: string;
  readonly firstRevision: number;
  readonly count: number;
}

/** Commands of 1 to 3 events each, with foreign events between them in the log. */
async function streamOf(sizes: readonly number[]) {
  const store = new WatchedStore(new MemoryEventStore());
  const commands: Command[] = [];
  const ids: string[] = [];
  for (const [i, count] of sizes.entries()) {
    const key = `k${i}`;
    const metadata = encodeMetadata({ principal: 'p', key, bodyHash: `hash-${i}` });
    const events = Array.from({ length: count }, () => {
      const paymentId = PaymentId.of(`id-${(ids.length * 7) % IDS}`);
      ids.push(paymentId);
      const fact = {
        type: 'PaymentRegistered',
        paymentId,
        userId: UserId.of('u'),
        amount: 1n,
        at: 0,
      } as const;
      return { id: randomUUID(), ...encodeEvent(fact), metadata };
    });
    const firstRevision = ids.length - count;
    await store.append(STREAM, events, { expected: firstRevision === 0 ? 'no_stream' : firstRevision - 1 });
    await store.append(`payment-other-${i}`, [{ ...events[0]!, id: randomUUID() }], {
      expected: 'no_stream',
    });
    commands.push({ key, firstRevision, count });
  }
  const positions: bigint[] = [];
  for await (const batch of store.readStream(STREAM))
    positions.push(...batch.map(({ position }) => position));
  return { store, commands, ids, positions };
}

type Stream = Awaited<ReturnType<typeof streamOf>>;

/** A window that begins with command `index` is told to reach back to `passed`. */
function close({ store, commands, positions }: Stream, index: number, passed: bigint, eventsMax?: number) {
  const revision = commands[index]!.firstRevision - 1;
  const window = Window.behind({ revision, position: positions[revision] ?? 0n });
  return closeGap(store, definition, {
    stream: STREAM,
    window,
    passed,
    ...(eventsMax === undefined ? {} : { eventsMax }),
  });
}

test('the window reaches back to what was passed, by whole commands, and knows all that lies behind it', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 1_200, size: 'max' });
  await holdsAsync(
    'gap closed',
    PROPERTY_RUNS,
    fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (counts, at, share) => {
      const stream = await streamOf(counts);
      const index = 1 + (at % (counts.length - 1));
      const begin = stream.commands[index]!.firstRevision;
      const cut = share % begin;
      const passed = cut === 0 ? 0n : stream.positions[cut - 1]!;
      const window = await close(stream, index, passed);
      const { from } = window;
      // All that was not passed is in the window, and the command it cuts; nothing more.
      expect(from.position).toBeLessThanOrEqual(passed);
      const cutCommand = stream.commands.findLast(({ firstRevision }) => firstRevision <= cut)!;
      expect(from.revision).toBe(cutCommand.firstRevision - 1);
      for (const { key, firstRevision, count } of stream.commands) {
        const inside = firstRevision > from.revision && firstRevision < begin;
        expect(window.entryOf(`p\n${key}`)).toEqual(
          inside ? { bodyHash: `hash-${key.slice(1)}`, firstRevision, count } : undefined,
        );
      }
      for (let i = 0; i < IDS; i++) {
        const last = stream.ids.slice(0, begin).lastIndexOf(`id-${i}`);
        expect(window.revisionOf(`id-${i}`)).toBe(last > from.revision ? last : undefined);
      }
    }),
  );
}, 60_000);

describe('a gap that is too long to read', () => {
  test('costs one event to see, and is catching up', async () => {
    const stream = await streamOf(Array.from({ length: 300 }, () => 1));
    const before = stream.store.reads;
    await expect(close(stream, 299, stream.positions[9]!, 100)).rejects.toThrow(CatchingUpFault);
    expect(stream.store.reads).toBe(before + 1);
  });

  test('may be as long as is allowed, in a stream that is longer', async () => {
    const stream = await streamOf(Array.from({ length: 300 }, () => 1));
    const window = await close(stream, 299, stream.positions[199]!, 100);
    expect(window.from).toEqual({ revision: 199, position: stream.positions[199] });
  });
});
