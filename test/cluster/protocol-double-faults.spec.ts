import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeadlineExceededError,
  NO_STREAM,
  UnavailableError,
  UnknownError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { eventually } from '#libs/event-store/conformance/harness.js';
import { BareClient, type Path } from './double-client.js';
import { startDouble, type EventStoreDouble } from '#test/support/eventstoredb-double/double.js';

let double: EventStoreDouble;
const clients: BareClient[] = [];

function connect(path: Path = 'rpc', url = double.url): BareClient {
  const client = new BareClient(url, path);
  clients.push(client);
  return client;
}

/** The name of a stream that no other test uses. */
const fresh = (): string => `faults-${randomUUID()}`;
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    (error: unknown) => error,
  );

beforeAll(async () => void (double = await startDouble()));
afterEach(async () => {
  double.faults.clear();
  await double.faults.acceptConnections();
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await double.stop();
});

describe('a hang', () => {
  it('answers nothing, and deals with what came meanwhile when it is over', async () => {
    const client = connect();
    const stream = fresh();
    const ids = [await client.create(stream)].flat();
    double.faults.hang();
    const late = randomUUID();
    const append = await failureOf(client.append(stream, { ids: [late], expected: 0n, deadlineMs: 200 }));
    expect(append).toBeInstanceOf(DeadlineExceededError);
    const reading = client.ids(stream);
    expect(await Promise.race([reading, sleep(200, 'nothing')])).toBe('nothing');
    double.faults.release();
    expect((await reading).slice(0, 1)).toEqual(ids);
    // The client gave up, the server did not: the append is late, not lost.
    await eventually('the late append', async () => (await client.ids(stream)).length === 2);
    expect(await client.ids(stream)).toEqual([...ids, late]);
  });

  it('sends a subscriber nothing, and everything when it is over', async () => {
    const client = connect();
    const stream = fresh();
    const late = double.faults.loseNextReply('late');
    await failureOf(client.append(stream));
    const followed = client.follow(stream);
    await eventually('the first mark', () => followed.marks.length === 1);
    double.faults.hang();
    await late.release();
    await sleep(200);
    expect(followed.seen).toEqual([]);
    double.faults.release();
    await eventually('the event', () => followed.seen.length === 1);
    await followed.stop();
  });
});

it('answers late by the delay asked for, on both paths in the order asked', async () => {
  for (const path of ['rpc', 'batch'] as const) {
    const client = connect(path);
    const stream = fresh();
    await client.create(stream);
    double.faults.delay(150);
    const started = performance.now();
    const revisions = await Promise.all(
      path === 'batch'
        ? [0n, 1n, 2n].map((expected) => client.append(stream, { expected }))
        : [client.append(stream)],
    );
    expect(performance.now() - started).toBeGreaterThanOrEqual(149);
    expect(revisions.at(-1)!.nextExpectedRevision).toBe(BigInt(revisions.length));
    double.faults.clear();
  }
});

it('ends a subscription cleanly: the loop over it ends normally', async () => {
  const client = connect();
  const followed = client.follow(fresh());
  await eventually('the first mark', () => followed.marks.length === 1);
  expect(double.openSubscriptions).toBe(1);
  double.faults.endStreams();
  await eventually('the end', () => followed.ended);
  expect(followed.errors).toEqual([]);
  expect(double.openSubscriptions).toBe(0);
});

it('cuts connections: an error of code 14 and no end for subscribers, and the next call connects again', async () => {
  const client = connect();
  const stream = fresh();
  const followed = client.follow(stream);
  await eventually('the first mark', () => followed.marks.length === 1);
  double.faults.dropConnections();
  await eventually('the error', () => followed.errors.length === 1);
  expect(followed.errors[0]).toBeInstanceOf(UnavailableError);
  expect(followed.errors[0]).toMatchObject({ code: 14 });
  expect(followed.ended).toBe(false);
  await eventually('another connection', async () => {
    const result = await failureOf(client.append(stream, { expected: NO_STREAM, ids: [ID] }));
    return !(result instanceof Error);
  });
  expect(await client.ids(stream)).toEqual([ID]);
});
const ID = randomUUID();

it('refuses connections while open ones stay, and accepts them again', async () => {
  const client = connect();
  const stream = fresh();
  await client.create(stream);
  await double.faults.refuseConnections();
  await client.append(stream);
  double.faults.dropConnections();
  // The first call may still be on its way to the connection that is gone.
  await eventually('a refusal', async () => {
    const failure = await failureOf(client.append(stream));
    return failure instanceof UnavailableError && failure.message.includes('ECONNREFUSED');
  });
  await double.faults.acceptConnections();
  await eventually('a connection', async () => !((await failureOf(client.ids(stream))) instanceof Error));
  expect(await client.ids(stream)).toHaveLength(2);
});

describe.each(['rpc', 'batch'] as const)('a lost reply (%s)', (path) => {
  it.each([
    ['before-commit', 0],
    ['after-commit', 1],
  ] as const)('%s: code 14, and %i events', async (when, count) => {
    const client = connect(path);
    const stream = fresh();
    double.faults.loseNextReply(when);
    expect(await failureOf(client.append(stream, { expected: NO_STREAM }))).toMatchObject({ code: 14 });
    expect(await failureOf(connect().ids(stream))).toHaveProperty(
      count === 0 ? 'type' : 'length',
      count || 'stream-not-found',
    );
  });

  it('late: committed only when released', async () => {
    const client = connect(path);
    const stream = fresh();
    const loss = double.faults.loseNextReply('late');
    expect(await failureOf(client.append(stream, { expected: NO_STREAM }))).toMatchObject({ code: 14 });
    const other = connect(path);
    expect(await failureOf(other.ids(stream))).toMatchObject({ type: 'stream-not-found' });
    await loss.release();
    await loss.release();
    expect(await other.ids(stream)).toHaveLength(1);
  });

  it('late: dead when another append came first', async () => {
    const stream = fresh();
    const loss = double.faults.loseNextReply('late');
    await failureOf(connect(path).append(stream, { expected: NO_STREAM }));
    const other = connect(path);
    const ids = await other.create(stream);
    await loss.release();
    expect(await other.ids(stream)).toEqual(ids);
  });

  it('hits only the streams it is meant for', async () => {
    const client = connect(path);
    const [stream, spared] = [fresh(), `spared-${randomUUID()}`];
    double.faults.loseNextReply('before-commit', { streams: /^faults-/ });
    await client.create(spared);
    expect(await failureOf(client.append(stream))).toMatchObject({ code: 14 });
  });
});

it.each(['rpc', 'batch'] as const)(
  'refuses an append with WrongExpectedVersion on demand (%s)',
  async (path) => {
    const client = connect(path);
    const stream = fresh();
    await client.create(stream, 3);
    double.faults.conflictNextAppend();
    const truth = await failureOf(client.append(stream, { expected: 2n }));
    expect(truth).toBeInstanceOf(WrongExpectedVersionError);
    expect(truth).toMatchObject({ actualVersion: 2n, expectedVersion: 2n });
    double.faults.conflictNextAppend({ actual: 'no_stream' });
    expect(await failureOf(client.append(stream))).toMatchObject({ actualVersion: 'no_stream' });
    expect(await client.ids(stream)).toHaveLength(3);
    await client.append(stream, { expected: 2n });
  },
);

it('says that it is not ready, and writes nothing', async () => {
  const [rpc, batch] = [connect('rpc'), connect('batch')];
  const stream = fresh();
  const ids = await rpc.create(stream);
  double.faults.setReady(false);
  const onRpc = await failureOf(rpc.append(stream));
  expect(onRpc).toBeInstanceOf(UnavailableError);
  expect(onRpc).toMatchObject({
    code: 14,
    message: expect.stringContaining('Server Is Not Ready') as string,
  });
  const onBatch = await failureOf(batch.append(stream));
  expect(onBatch).toBeInstanceOf(UnknownError);
  expect(onBatch).toMatchObject({ message: 'Could not recognize Server Is Not Ready' });
  expect(await failureOf(rpc.ids(stream))).toBeInstanceOf(UnavailableError);
  double.faults.setReady(true);
  expect(await connect().ids(stream)).toEqual(ids);
});
