import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { migrateAll } from '#apps/engine/migrate-all.js';
import { MemoryEventStore } from '#libs/event-store/memory-store.js';
import { LOG_START } from '#libs/event-store/port.js';
import type { TopicMessages } from '#libs/messaging/kafka/publisher.js';
import { topicsOf } from '#libs/messaging/kafka/topics.js';
import {
  RelayCheckpoint,
  RelayCheckpointError,
  RelayFencedError,
} from '#libs/messaging/relay/relay-checkpoint.js';
import { RelayProgress } from '#libs/messaging/relay/relay-status.js';
import { RelayTerm } from '#libs/messaging/relay/relay-term.js';
import { createLogger } from '#libs/platform/logging.js';
import { connectClient } from '#libs/platform/postgres.js';
import { createTestDatabase, type TestDatabase } from '#test/support/components/postgres.js';
import { LedgerTraffic } from '#test/support/event-generator.js';

/** A little more than a proof of leadership is good for. */
const STALE_MS = 5_200;
const PATIENCE_MS = 10_000;

let database: TestDatabase;
let session: Client;
let rival: Client;
let targets = 0;
const terms = new Set<AbortController>();

beforeAll(async () => {
  database = await createTestDatabase({ name: 'ledger', prepare: migrateAll });
  session = await connectClient({ url: database.url, applicationName: 'relay' });
  rival = await connectClient({ url: database.url, applicationName: 'rival' });
});
afterEach(() => {
  for (const term of terms) term.abort();
  terms.clear();
});
afterAll(async () => {
  await session.end();
  await rival.end();
  await database.drop();
});

/** Stands in for the brokers, which the suite of the cluster has for real: each answer is given by the test. */
class Brokers {
  readonly sends: { readonly ids: readonly string[]; answer(error?: Error): void }[] = [];
  /** Answers by itself while it is set. */
  willing = true;

  publish(topicMessages: readonly TopicMessages[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const ids = topicMessages.flatMap(({ messages }) => messages.map(({ headers }) => headers['ce_id']!));
      const answer = (error?: Error) => (error ? reject(error) : resolve());
      this.sends.push({ ids, answer });
      if (this.willing) answer();
    });
  }
}

/** What the client throws when it has given up trying again. */
function givenUp(): Error {
  const error = new Error('The broker is away');
  error.name = 'KafkaJSNumberOfRetriesExceeded';
  return error;
}

async function scene() {
  const target = { clusterId: 'cluster', topicPrefix: `t${(targets += 1)}.` };
  const store = new MemoryEventStore();
  const traffic = new LedgerTraffic(store, { seed: 3, users: 3, chargesPerAppend: 5 });
  await traffic.openAll(60_000_000_000n);
  const brokers = new Brokers();
  const progress = new RelayProgress();
  const take = async (client: Client) =>
    RelayCheckpoint.take(client, target, { logId: store.logId, head: await store.head() });
  return {
    target,
    store,
    traffic,
    brokers,
    progress,
    take,
    /** Publishes until the test ends; what it ends with. */
    run: async (): Promise<{ readonly ended: Promise<unknown>; readonly end: () => void }> => {
      const end = new AbortController();
      terms.add(end);
      const checkpoint = await take(session);
      progress.leads(checkpoint);
      const log = createLogger({ level: 'fatal', name: 'relay' });
      const topics = topicsOf(target.topicPrefix);
      const { signal } = end;
      const term = new RelayTerm({ store, checkpoint, publisher: brokers, topics, progress, log, signal });
      const ended = term.run().then(
        () => 'ended',
        (error: unknown) => error,
      );
      return { ended, end: () => end.abort() };
    },
    saved: async (): Promise<bigint> => {
      const { rows } = await rival.query<{ position: string }>(
        'select position from messaging.relays where topic_prefix = $1',
        [target.topicPrefix],
      );
      return BigInt(rows[0]?.position ?? '-1');
    },
  };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('Waited in vain.');
    await sleep(10);
  }
}

describe('a term of the relay', () => {
  test('moves the checkpoint after the brokers have answered, not before', async () => {
    const { brokers, store, run, saved, progress } = await scene();
    brokers.willing = false;
    await run();
    await until(() => brokers.sends.length === 1);
    await sleep(50);
    expect(await saved()).toBe(LOG_START);
    expect(progress.status().behindMs).toBeGreaterThan(0);
    brokers.sends[0]!.answer();
    await until(async () => (await saved()) === (await store.head()));
    await until(() => progress.status().behindMs === 0);
  });

  test('sends the same again after a failure, and nothing later before it', async () => {
    const { brokers, traffic, run, saved, store, progress } = await scene();
    brokers.willing = false;
    await run();
    await until(() => brokers.sends.length === 1);
    await traffic.charge(10);
    brokers.sends[0]!.answer(givenUp());
    await until(() => brokers.sends.length === 2);
    expect(progress.status()).toMatchObject({ state: 'failing', failures: 1 });
    expect(brokers.sends[1]!.ids).toEqual(brokers.sends[0]!.ids);
    brokers.willing = true;
    brokers.sends[1]!.answer();
    await until(async () => (await saved()) === (await store.head()));
    expect(progress.status()).toMatchObject({ state: 'leading', failures: 0, lastError: undefined });
    const later = brokers.sends.slice(2).flatMap(({ ids }) => ids);
    expect(later.filter((id) => brokers.sends[0]!.ids.includes(id))).toEqual([]);
  });

  test('ends with what the brokers will never take', async () => {
    const { brokers, run, saved } = await scene();
    brokers.willing = false;
    const { ended } = await run();
    await until(() => brokers.sends.length === 1);
    brokers.sends[0]!.answer(new Error('The message is too large'));
    expect(await ended).toMatchObject({ message: 'The message is too large' });
    expect(await saved()).toBe(LOG_START);
  });

  test('lets a send that is on its way come to its end, and records it', async () => {
    const { brokers, run, saved } = await scene();
    brokers.willing = false;
    const { ended, end } = await run();
    await until(() => brokers.sends.length === 1);
    end();
    await sleep(20);
    brokers.sends[0]!.answer();
    expect(await ended).toBe('ended');
    expect(await saved()).toBeGreaterThan(LOG_START);
    expect(brokers.sends).toHaveLength(1);
  });
});

describe('a relay that was taken over', () => {
  test('cannot move the checkpoint, and sends nothing more', async () => {
    const { brokers, take, run, saved } = await scene();
    brokers.willing = false;
    const { ended } = await run();
    await until(() => brokers.sends.length === 1);
    const successor = await take(rival);
    brokers.sends[0]!.answer();
    expect(await ended).toBeInstanceOf(RelayFencedError);
    expect(await saved()).toBe(successor.position);
    expect(brokers.sends).toHaveLength(1);
  });

  test('having stood still, asks before it sends', async () => {
    const { brokers, traffic, take, run, saved, store } = await scene();
    const { ended } = await run();
    await until(async () => (await saved()) === (await store.head()));
    const before = brokers.sends.length;
    await sleep(STALE_MS);
    await take(rival);
    await traffic.charge(5);
    expect(await ended).toBeInstanceOf(RelayFencedError);
    expect(brokers.sends).toHaveLength(before);
  });

  test('a successor begins where its predecessor was acknowledged', async () => {
    const { brokers, take, run, saved, store } = await scene();
    const { end, ended } = await run();
    await until(async () => (await saved()) === (await store.head()));
    end();
    await ended;
    const successor = await take(rival);
    expect([successor.position, successor.epoch]).toEqual([await store.head(), '2']);
    expect(brokers.sends.length).toBeGreaterThan(0);
  });
});

describe('a checkpoint that does not belong to the log', () => {
  test('is of another log', async () => {
    const { take, target } = await scene();
    await take(session);
    const other = { logId: 'ffffffff', head: 1_000n };
    const taken = RelayCheckpoint.take(session, target, other);
    await expect(taken).rejects.toBeInstanceOf(RelayCheckpointError);
    await expect(taken).rejects.toThrow(
      /of log [0-9a-f]{8}, the event store is log ffffffff.*KAFKA_TOPIC_PREFIX/s,
    );
  });

  test('lies beyond its head', async () => {
    const { take, target, store } = await scene();
    const checkpoint = await take(session);
    await checkpoint.advance({ to: await store.head(), recordedAt: undefined });
    const shorter = { logId: store.logId, head: 1n };
    const taken = RelayCheckpoint.take(session, target, shorter);
    await expect(taken).rejects.toBeInstanceOf(RelayCheckpointError);
    await expect(taken).rejects.toThrow(
      /lies beyond the head of log [0-9a-f]{8} \(1\).*delete from messaging\.relays where cluster_id = 'cluster'/s,
    );
  });
});
