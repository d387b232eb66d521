import { topicsOf } from '#libs/messaging/kafka/topics.js';
import { RelayCheckpointError } from '#libs/messaging/relay/relay-checkpoint.js';
import { type OwnKafka, describeOnKafka, startOwnKafka, testKafka } from '#test/support/components/kafka.js';
import { buildProgram } from '#test/support/build.js';
import { killLedgerProcesses } from '#test/support/ledger-process.js';
import { quietKafka, readEventTopics } from '#test/support/messaging/topic-reader.js';
import { PATIENCE_MS, RelayScene, until } from './relay-scene.js';

const TEST_MS = 180_000;
const KILLS = 4;
const TAKE_OVER_MS = 30_000;

let scene: RelayScene;

beforeAll(() => buildProgram(), PATIENCE_MS);

afterEach(async () => {
  await killLedgerProcesses();
  await scene.close();
});

await describeOnKafka('the relay', () => {
  beforeEach(async () => {
    scene = await RelayScene.open(await testKafka());
  }, PATIENCE_MS);

  test(
    'publishes every public event once, each stream in its order and in one partition',
    async () => {
      await scene.traffic.mixed(400);
      const relay = scene.start();
      const writer = scene.write();
      await until(() => relay.status().published > 500, { what: 'some events to be published' });
      await writer.stop();
      await scene.published();
      const { repeated } = await scene.expectComplete();
      expect(repeated).toEqual([]);
      const partitions = new Map<string, Set<string>>();
      for (const { topic, partition, event } of await readEventTopics(scene.kafka)) {
        const places = partitions.get(event.stream) ?? new Set();
        partitions.set(event.stream, places.add(`${topic}/${partition}`));
        const { wallet, creator } = topicsOf(scene.kafka.prefix);
        expect(topic).toBe(event.stream.startsWith('wallet-') ? wallet : creator);
      }
      expect([...partitions.values()].map(({ size }) => size)).toEqual([...partitions].map(() => 1));
      await until(() => relay.status().behindMs === 0, { what: 'no lag' });
      expect(relay.status()).toMatchObject({ state: 'leading', failures: 0 });
      await relay.stop();
    },
    TEST_MS,
  );

  test(
    'makes the topics with the configured partitions, and leaves one alone that is there',
    async () => {
      const admin = quietKafka(scene.kafka).admin();
      await admin.connect();
      try {
        const { wallet, creator, deadLetters } = topicsOf(scene.kafka.prefix);
        await admin.createTopics({ topics: [{ topic: wallet, numPartitions: 1 }], waitForLeaders: true });
        const relay = scene.start();
        await scene.published();
        await relay.stop();
        const { topics } = await admin.fetchTopicMetadata({ topics: [wallet, creator, deadLetters] });
        expect(new Map(topics.map(({ name, partitions }) => [name, partitions.length]))).toEqual(
          new Map([
            [wallet, 1],
            [creator, 3],
            [deadLetters, 3],
          ]),
        );
      } finally {
        await admin.disconnect();
      }
      await scene.expectComplete();
    },
    TEST_MS,
  );

  test(
    'stopped in the middle and started again, it repeats nothing',
    async () => {
      await scene.charge(4_000);
      for (let stops = 0; stops < 3; stops++) {
        const relay = scene.start();
        const { published } = relay.status();
        await until(() => relay.status().published > published + 300, { what: 'some events' });
        await relay.stop();
      }
      const last = scene.start();
      await scene.published();
      await last.stop();
      expect((await scene.expectComplete()).repeated).toEqual([]);
    },
    TEST_MS,
  );

  test(
    'of two, one leads; when it ends, the other goes on where it was',
    async () => {
      const relays = [scene.start(), scene.start()];
      const leaders = () => relays.filter((relay) => relay.status().state === 'leading');
      await until(() => leaders().length === 1, { what: 'a leader' });
      const writer = scene.write();
      const [first] = leaders();
      await until(() => first!.status().published > 300, { what: 'some events' });
      const second = relays.find((relay) => relay !== first)!;
      expect(second.status()).toMatchObject({ state: 'standby', published: 0, behindMs: undefined });
      await first!.stop();
      await until(() => second.status().state === 'leading', { what: 'the other one to lead' });
      await writer.stop();
      await scene.published();
      await second.stop();
      expect((await scene.expectComplete()).repeated).toEqual([]);
      expect(await scene.checkpoint()).toMatchObject({ epoch: 2 });
    },
    TEST_MS,
  );

  test(
    'cut off from Postgres, it stops before its next send, and goes on when it leads again',
    async () => {
      const relay = scene.start();
      const writer = scene.write();
      for (let cuts = 1; cuts <= 3; cuts++) {
        const { published } = relay.status();
        await until(() => relay.status().published > published + 100, { what: 'events after a cut' });
        await scene.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where application_name like 'leader relay%' and datname = current_database()`,
          [],
        );
        await until(async () => (await scene.checkpoint())?.epoch === cuts + 1, { what: 'a new epoch' });
      }
      await writer.stop();
      await scene.published();
      await relay.stop();
      await scene.expectComplete();
    },
    TEST_MS,
  );

  test(
    'killed again and again while events are written, it leaves no gap',
    async () => {
      await scene.charge(3_000);
      const writer = scene.write();
      for (let kills = 0; kills < KILLS; kills++) {
        const from = (await scene.checkpoint())?.position ?? 0n;
        const relay = await scene.process();
        await until(async () => ((await scene.checkpoint())?.position ?? 0n) > from, {
          what: 'the checkpoint to move',
        });
        await relay.kill();
      }
      await writer.stop();
      const last = await scene.process();
      await scene.published();
      expect(await last.stop()).toBe(0);
      await scene.expectComplete();
    },
    TEST_MS,
  );

  test(
    'other topics are filled from the start of the log',
    async () => {
      const relay = scene.start();
      await scene.published();
      await relay.stop();
      const other = scene.besides('again.');
      const second = other.start();
      await other.published();
      await second.stop();
      await other.expectComplete();
      await scene.expectComplete();
    },
    TEST_MS,
  );

  test(
    'a checkpoint of another log stops it by name, with the way out',
    async () => {
      const relay = scene.start();
      await scene.published();
      await relay.stop();
      await scene.query(`update messaging.relays set log_id = 'ffffffff'`, []);
      const stopped = scene.start();
      await expect(stopped.ended).rejects.toBeInstanceOf(RelayCheckpointError);
      await expect(stopped.ended).rejects.toThrow(
        /checkpoint is of log ffffffff.*delete from messaging.relays/s,
      );
      await scene.query('delete from messaging.relays', []);
      const again = scene.start();
      await scene.published();
      await again.stop();
      await scene.expectComplete();
    },
    TEST_MS,
  );

  test(
    'a checkpoint past the head of the log stops it by name',
    async () => {
      const relay = scene.start();
      await scene.published();
      await relay.stop();
      await scene.query('update messaging.relays set position = position + 1000', []);
      const stopped = scene.start();
      await expect(stopped.ended).rejects.toThrow(/lies beyond the head of log/);
    },
    TEST_MS,
  );
});

await describeOnKafka('the relay, when the broker is away', () => {
  let broker: OwnKafka;
  beforeEach(async () => {
    broker = await startOwnKafka();
    scene = await RelayScene.open({ brokers: broker.brokers, prefix: 'own.' });
  }, PATIENCE_MS);
  afterEach(() => broker.kill());

  test(
    'keeps its checkpoint, shows its lag, and goes on by itself: restarted, killed, away for long',
    async () => {
      const relay = scene.start();
      const writer = scene.write();
      await until(() => relay.status().published > 300, { what: 'some events' });
      await broker.restart();
      const restarted = relay.status().published;
      await until(() => relay.status().published > restarted + 100, { what: 'events after the restart' });

      await broker.kill();
      await until(() => relay.status().state === 'failing', { what: 'the relay to notice' });
      const before = await scene.checkpoint();
      await until(() => (relay.status().behindMs ?? 0) > 2_000, { what: 'the lag to grow' });
      expect((await scene.checkpoint())?.position).toBe(before?.position);
      await broker.start();
      const killed = relay.status().published;
      await until(() => relay.status().published > killed + 100, { what: 'events after the kill' });

      await writer.stop();
      await scene.published(TAKE_OVER_MS);
      await until(() => relay.status().behindMs === 0, { what: 'no lag' });
      await relay.stop();
      await scene.expectComplete();
    },
    TEST_MS,
  );

  test(
    'that does not answer keeps nobody from stopping',
    async () => {
      await scene.charge(1_000);
      const relay = scene.start();
      await until(() => relay.status().state === 'leading', { what: 'a leader' });
      process.kill(broker.pid, 'SIGSTOP');
      try {
        const started = performance.now();
        await relay.stop();
        expect(performance.now() - started).toBeLessThan(15_000);
      } finally {
        process.kill(broker.pid, 'SIGCONT');
      }
    },
    TEST_MS,
  );
});
