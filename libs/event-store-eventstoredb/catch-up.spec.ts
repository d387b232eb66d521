import { PassThrough } from 'node:stream';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { LOG_START, type Position, type SubscribeOptions } from '#libs/event-store/port.js';
import { Bell } from './bell.js';
import { CatchUp } from './catch-up.js';
import { KnownHead } from './known-head.js';
import type { ReadCall } from './log-client.js';
import { LogNames } from './log-names.js';

const { ReadResp } = streams;

const eventAt = (position: number, type = 'Noted.v1') => {
  const event = new ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(`00000000-0000-4000-8000-${String(position).padStart(12, '0')}`))
    .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from('wallet-a')))
    .setCommitPosition(String(position));
  event.getMetadataMap().set('type', type).set('created', '10000');
  return new ReadResp().setEvent(new ReadResp.ReadEvent().setEvent(event));
};
const caughtUp = () => new ReadResp().setCaughtUp(new ReadResp.CaughtUp());
const lookedUpTo = (position: number) =>
  new ReadResp().setCheckpoint(new ReadResp.Checkpoint().setCommitPosition(String(position)));

/** A server that sends these messages to each subscription, and nothing more. */
function scene(
  head: Position,
  messages: readonly InstanceType<typeof ReadResp>[],
  options: Partial<SubscribeOptions> = {},
) {
  const known = new KnownHead(new Bell());
  known.advance(head);
  const catchUp = new CatchUp(
    {
      client: {
        subscribe: async (_request, listen) => {
          const call = Object.assign(new PassThrough({ objectMode: true }), { cancel: () => undefined });
          listen(call as unknown as ReadCall);
          for (const message of messages) call.write(message);
          return call as unknown as ReadCall;
        },
      },
      reader: {
        placeOf: (after) => after,
        visible: (event) => event,
        visibleBefore: async (position) => position - 1n,
      },
      names: new LogNames(undefined),
      head: known,
      timeoutMs: 1_000,
    },
    { after: LOG_START, signal: new AbortController().signal, ...options },
  );
  return { catchUp, known };
}

test('what comes from beyond the head that was known moves it', async () => {
  const { catchUp, known } = scene(20n, [eventAt(10), eventAt(20), eventAt(35)]);
  expect((await catchUp.next(LOG_START))!.checkpoint).toBe(20n);
  expect((await catchUp.next(20n))!.checkpoint).toBe(35n);
  expect(known.known).toBe(35n);
});

test('that the server caught up is believed up to the head before it was asked, not up to what came since', async () => {
  const { catchUp, known } = scene(20n, [caughtUp()], { types: ['Rare.v1'] });
  const page = catchUp.next(LOG_START);
  known.advance(90n);
  expect(await page).toEqual({ events: [], checkpoint: 20n });
});

test('a report of the server ends a page at an event of the log, and at the head when it lies behind', async () => {
  const { catchUp } = scene(100n, [eventAt(10), lookedUpTo(50), lookedUpTo(170)], { types: ['Noted.v1'] });
  const first = (await catchUp.next(LOG_START))!;
  expect(first.events).toHaveLength(1);
  expect(first.checkpoint).toBe(49n);
  expect(await catchUp.next(49n)).toEqual({ events: [], checkpoint: 100n });
});

test('a filter that nothing can pass asks nobody', async () => {
  const { catchUp } = scene(100n, [], { types: [] });
  expect(await catchUp.next(LOG_START)).toEqual({ events: [], checkpoint: 100n });
});
