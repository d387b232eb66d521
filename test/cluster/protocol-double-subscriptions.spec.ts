import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TimeoutError } from '@eventstore/db-client';
import { eventually } from '#libs/event-store/conformance/harness.js';
import {
  startDouble,
  type DoubleOptions,
  type EventStoreDouble,
} from '#test/support/eventstoredb-double/double.js';
import { BareClient } from './double-client.js';

const fresh = (): string => `feed-${randomUUID()}`;

async function withDouble(
  options: DoubleOptions,
  body: (client: BareClient, double: EventStoreDouble) => Promise<void>,
): Promise<void> {
  const double = await startDouble(options);
  const client = new BareClient(double.url);
  try {
    await body(client, double);
  } finally {
    await client.close();
    await double.stop();
  }
}

const idsOf = (seen: readonly { id: string }[]): string[] => seen.map(({ id }) => id);

it('gives a checkpoint every window of events looked at, behind the event just delivered', () =>
  withDouble({}, async (client) => {
    const [followed, other] = [fresh(), fresh()];
    await client.create(other, 95);
    const ids = await client.create(followed, 5);
    await client.create(other.replace('feed', 'rest'), 100);
    const feed = client.follow(followed, { window: 50 });
    await eventually('the mark', () => feed.marks.length === 1);
    expect(idsOf(feed.seen)).toEqual(ids);
    const all = await client.all();
    expect(feed.checkpoints).toHaveLength(Math.floor(all.length / 50));
    for (const [i, { commit }] of feed.checkpoints.entries())
      expect(commit).toBe(all[50 * (i + 1) - 2]!.commit);
    // Two of the server's own events, 95 others: the fiftieth event looked at the second time is one that matched.
    const second = feed.checkpoints[1]!;
    expect(second.commit).toBeLessThan(feed.seen[second.after - 1]!.commit);
    await feed.stop();
  }));

it('begins behind the position given, whichever event lies there', () =>
  withDouble({}, async (client) => {
    const stream = fresh();
    const ids = await client.create(stream, 3);
    const [, second] = await client.read(stream);
    const between = client.follow(stream, { after: second!.position!.commit - 1n });
    const at = client.follow(stream, { after: second!.position!.commit });
    await eventually('the marks', () => between.marks.length === 1 && at.marks.length === 1);
    expect(idsOf(between.seen)).toEqual(ids.slice(1));
    expect(idsOf(at.seen)).toEqual(ids.slice(2));
  }));

it('repeats caughtUp on demand', () =>
  withDouble({}, async (client, double) => {
    const feed = client.follow(fresh());
    await eventually('the mark', () => feed.marks.length === 1);
    double.faults.repeatCaughtUp();
    double.faults.repeatCaughtUp();
    await eventually('two more', () => feed.marks.length === 3);
    expect(feed.seen).toEqual([]);
  }));

describe('a live subscriber for whom more than 32 events wait', () => {
  it('catches up again in silence, is told so again, and misses nothing', () =>
    withDouble({}, async (client) => {
      const stream = fresh();
      const feed = client.follow(stream);
      await eventually('the mark', () => feed.marks.length === 1);
      const ids = await client.create(stream, 500);
      await eventually('everything', () => feed.seen.length === 500);
      await eventually('another mark', () => feed.marks.length > 1);
      expect(idsOf(feed.seen)).toEqual(ids);
      expect(feed.errors).toEqual([]);
    }));

  it('is dropped as too slow where that is asked for, and is complete when it subscribes again', () =>
    withDouble({ dropSlowSubscribers: true }, async (client) => {
      const stream = fresh();
      const feed = client.follow(stream);
      await eventually('the mark', () => feed.marks.length === 1);
      const ids = await client.create(stream, 500);
      await eventually('the error', () => feed.errors.length === 1);
      expect(feed.errors[0]).toBeInstanceOf(TimeoutError);
      expect(feed.errors[0]).toMatchObject({
        type: 'timeout',
        code: 10,
        message: expect.stringContaining('Consumer too slow') as string,
      });
      // What was sent before the error may still be on its way.
      await sleep(50);
      expect(feed.seen.length).toBeLessThan(500);
      const rest = client.follow(stream, { after: feed.seen.at(-1)!.commit });
      await eventually('the rest', () => rest.marks.length === 1);
      expect([...idsOf(feed.seen), ...idsOf(rest.seen)]).toEqual(ids);
    }));

  it('keeps one that reads along, with the buffer made larger', () =>
    withDouble({ dropSlowSubscribers: true, subscriberBuffer: 1_000 }, async (client) => {
      const stream = fresh();
      const feed = client.follow(stream);
      await eventually('the mark', () => feed.marks.length === 1);
      const ids = await client.create(stream, 500);
      await eventually('everything', () => feed.seen.length === 500);
      expect(idsOf(feed.seen)).toEqual(ids);
      expect(feed.errors).toEqual([]);
    }));
});
