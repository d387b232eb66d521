import { once } from 'node:events';
import http2 from 'node:http2';
import { openEventStoreDb } from '#libs/event-store-eventstoredb/eventstoredb-event-store.js';
import { appendMessages } from '#libs/event-store-eventstoredb/wire.js';
import { collect, events } from '#libs/event-store/conformance/harness.js';
import { startDouble } from '#test/support/eventstoredb-double/double.js';

/** Length of what gRPC writes in front of a message: a flag and the message's bytes. */
const PREFIX_BYTES = 5;
const WAIT_MS = 100;

test('an append whose connection breaks in the middle of its events writes none of them', async () => {
  const double = await startDouble();
  const store = await openEventStoreDb({ url: double.url });
  const session = http2.connect(`http://127.0.0.1:${double.port}`);
  session.on('error', () => undefined);
  const call = session.request({
    ':method': 'POST',
    ':path': '/event_store.client.streams.Streams/Append',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  call.on('error', () => undefined);
  for (const message of appendMessages('wallet-a', events('e', 10), 'no_stream').slice(0, 6)) {
    const bytes = Buffer.from(message.serializeBinary());
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32BE(bytes.length, 1);
    call.write(Buffer.concat([prefix, bytes]));
  }
  await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  session.destroy();
  await once(session, 'close');
  await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  expect(await collect(store.readStream('wallet-a'))).toEqual([]);
  await store.append('wallet-a', events('e', 10), { expected: 'no_stream' });
  expect(await collect(store.readStream('wallet-a'))).toHaveLength(10);
  await store.close();
  await double.stop();
});
