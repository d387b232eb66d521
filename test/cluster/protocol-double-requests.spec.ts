import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { credentials, type ClientDuplexStream } from '@grpc/grpc-js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type * as streamServices from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { eventually } from '#libs/event-store/conformance/harness.js';
import { startDouble, type EventStoreDouble } from '#test/support/eventstoredb-double/double.js';
import { emptyPb, sharedPb, streamsPb } from '#test/support/eventstoredb-double/protocol.js';
import { BareClient } from './double-client.js';

const { StreamsClient } = createRequire(import.meta.url)(
  '@eventstore/db-client/generated/streams_grpc_pb.js',
) as typeof streamServices;
const RPC = { credentials: { username: 'admin', password: 'changeit' } };
/** The server answers a second time 2 s after it refused a request as bad. */
const SECOND_ANSWER_WITHIN_MS = { min: 1_900, max: 6_000 };

let double: EventStoreDouble;
let client: BareClient;
beforeAll(async () => {
  double = await startDouble({ statsEveryAppends: 5 });
  client = new BareClient(double.url);
});
afterAll(async () => {
  await client.close();
  await double.stop();
});
const fresh = (): string => `requests-${randomUUID()}`;

/** A batch append below the client, which would throw in its own data handler at a second answer. */
class RawBatch {
  readonly answers: { readonly answer: BatchAppendResp; readonly at: number }[] = [];
  readonly errors: Error[] = [];
  readonly #client = new StreamsClient(`127.0.0.1:${double.port}`, credentials.createInsecure());
  readonly #call: ClientDuplexStream<BatchAppendReq, BatchAppendResp> = this.#client.batchAppend();

  constructor() {
    this.#call
      .on('data', (answer: BatchAppendResp) => this.answers.push({ answer, at: performance.now() }))
      .on('error', (error: Error) => this.errors.push(error));
  }

  send({ stream, type, id, bytes = 2 }: { stream: string; type: string; id: string; bytes?: number }): void {
    const message = new streamsPb.BatchAppendReq.ProposedMessage();
    message.setId(new sharedPb.UUID().setString(id)).setData(Buffer.alloc(bytes, ' '));
    message.getMetadataMap().set('type', type).set('content-type', 'application/json');
    const options = new streamsPb.BatchAppendReq.Options()
      .setStreamIdentifier(new sharedPb.StreamIdentifier().setStreamName(Buffer.from(stream)))
      .setAny(new emptyPb.Empty());
    const request = new streamsPb.BatchAppendReq()
      .setCorrelationId(new sharedPb.UUID().setString(randomUUID()))
      .setOptions(options)
      .setProposedMessagesList([message])
      .setIsFinal(true);
    this.#call.write(request);
  }

  close(): void {
    this.#call.cancel();
    this.#client.close();
  }
}

const BAD = [
  ['an empty type', { type: '' }],
  ['an id that is not a UUID', { id: 'not-a-uuid' }],
  ['an empty stream name', { stream: '' }],
] as const;

it.each(BAD)('refuses %s, and on BatchAppend answers a second time 2 s later', async (_, wrong) => {
  const good = { stream: fresh(), type: 'Tested', id: randomUUID() };
  const batch = new RawBatch();
  batch.send({ ...good, ...wrong });
  await eventually('both answers', () => batch.answers.length === 2);
  const [first, second] = batch.answers;
  expect(first!.answer.getError()?.getDetails()?.getTypeName()).toBe('event_store.client.BadRequest');
  expect(second!.answer.getError()?.getDetails()?.getTypeName()).toBe('event_store.client.Timeout');
  expect(second!.answer.getCorrelationId()?.getString()).toBe(first!.answer.getCorrelationId()?.getString());
  expect(second!.at - first!.at).toBeGreaterThan(SECOND_ANSWER_WITHIN_MS.min);
  expect(second!.at - first!.at).toBeLessThan(SECOND_ANSWER_WITHIN_MS.max);
  // The call itself goes on.
  batch.send({ ...good, type: 'After' });
  await eventually('the answer to a good one', () => batch.answers.length === 3);
  expect(batch.answers[2]!.answer.hasSuccess()).toBe(true);
  batch.close();
});

it.each(BAD)('refuses %s once on the Append RPC, with an error', async (_, wrong) => {
  const { stream, type, id } = { stream: fresh(), type: 'Tested', id: randomUUID(), ...wrong };
  const append = client.client.appendToStream(stream, [jsonEvent({ id, type, data: {} })], RPC);
  await expect(append).rejects.toMatchObject({ type: 'unknown', code: 2 });
});

it('loses the batch call to a message of 16 MiB', async () => {
  const batch = new RawBatch();
  batch.send({ stream: fresh(), type: 'Huge', id: randomUUID(), bytes: 16 * 1024 * 1024 });
  await eventually('the end of the call', () => batch.errors.length === 1);
  expect(batch.errors[0]).toMatchObject({ code: 8 });
  batch.close();
});

it('shows system events in $all from the start, and its own statistics, in ever growing positions', async () => {
  const first = await client.all();
  expect(first.slice(0, 2).map(({ type }) => type)).toEqual(['$metadata', '$epoch-information']);
  const stream = fresh();
  await client.create(stream);
  for (let i = 0; i < 5; i++) await client.append(stream);
  const all = await client.all();
  expect(all.some(({ type }) => type === '$statsCollected')).toBe(true);
  const positions = all.map(({ commit }) => commit);
  positions.slice(1).forEach((position, i) => expect(position - positions[i]!).toBeGreaterThan(1n));
});

it('obeys the metadata of a stream: $maxCount and $tb', async () => {
  const stream = fresh();
  const ids = await client.create(stream, 10);
  await client.client.setStreamMetadata(stream, { maxCount: 3 });
  expect(await client.ids(stream)).toEqual(ids.slice(7));
  await client.client.setStreamMetadata(stream, { truncateBefore: 9 });
  expect(await client.ids(stream)).toEqual(ids.slice(9));
  expect((await client.client.getStreamMetadata(stream)).metadata).toEqual({ truncateBefore: 9 });
  // $all still shows them.
  expect((await client.all()).filter((event) => event.stream === stream)).toHaveLength(10);
});

it('brings a stream deleted softly back with the next append, and says so in its metadata', async () => {
  const stream = fresh();
  await client.create(stream, 2);
  await client.client.deleteStream(stream, { expectedRevision: 1n });
  const { ids } = await client.append(stream, { expected: NO_STREAM });
  expect(await client.ids(stream)).toEqual(ids);
  expect((await client.client.getStreamMetadata(stream)).metadata).toEqual({ truncateBefore: 2 });
});

it('refuses to delete a stream that is not where it was expected', async () => {
  const stream = fresh();
  await client.create(stream, 2);
  const wrong = { type: 'wrong-expected-version', actualVersion: 1n };
  await expect(client.client.deleteStream(stream, { expectedRevision: 0n })).rejects.toMatchObject(wrong);
  await expect(client.client.tombstoneStream(stream, { expectedRevision: 0n })).rejects.toMatchObject(wrong);
  expect(await client.ids(stream)).toHaveLength(2);
});

it('is found through gossip', async () => {
  const discovered = new BareClient(double.discoverUrl, 'batch');
  const stream = fresh();
  const ids = await discovered.create(stream);
  expect(await client.ids(stream)).toEqual(ids);
  await discovered.close();
});
