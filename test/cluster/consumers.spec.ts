import { ConsumerStoppedError } from '#libs/messaging/errors.js';
import { kafkaSource } from '#libs/messaging/kafka/kafka-source.js';
import { encodeMessage } from '#libs/messaging/kafka/message.js';
import { ParkedMessages } from '#libs/messaging/parked-messages.js';
import type { MessageSource } from '#libs/messaging/source.js';
import { createLogger } from '#libs/platform/logging.js';
import { cutConnections } from '#test/conformance/log-database.js';
import { BUILD_PATIENCE_MS, buildProgram } from '#test/support/build.js';
import { describeOnKafka, startOwnKafka, testKafka } from '#test/support/components/kafka.js';
import { type AtWork, CONSUMER, ConsumerLab, eventually } from '#test/support/messaging/consumer-lab.js';
import {
  FAR_LOG,
  LOG_ID,
  type PublishedRun,
  runMessage,
  RunTopic,
} from '#test/support/messaging/run-topic.js';
import { WorkerProcess } from '#test/support/messaging/worker-process.js';

const MINUTE_MS = 60_000;
const PATIENCE_MS = 60_000;
const SESSION_TIMEOUT_MS = 6_000;
const log = createLogger({ level: 'error', name: 'test', destination: { write: () => undefined } });

await describeOnKafka('consumers on Kafka', () => {
  let lab: ConsumerLab;
  let topic: RunTopic;
  let parked: ParkedMessages;

  beforeAll(buildProgram, BUILD_PATIENCE_MS);
  beforeEach(async () => {
    lab = await ConsumerLab.open();
    topic = await RunTopic.open(await testKafka());
    parked = new ParkedMessages(lab.pool);
  }, MINUTE_MS);
  afterEach(async () => {
    await WorkerProcess.killAll();
    await topic.close();
    await lab.close();
  });

  const source = (): MessageSource =>
    kafkaSource({ config: topic.config, log, sessionTimeoutMs: SESSION_TIMEOUT_MS });
  const start = (consumer = lab.consumer()): AtWork =>
    lab.start(consumer, { source: source(), store: FAR_LOG });
  const worker = (options: { readonly killAfter?: number; readonly slowMs?: number } = {}) =>
    WorkerProcess.start({
      ...{ name: CONSUMER, databaseUrl: lab.database.url, kafka: topic.config, logId: LOG_ID },
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      ...options,
    });

  /** `count` runs of each user in turn, with positions in that order. */
  function runsOf(users: readonly string[], count: number, first = 1): readonly PublishedRun[] {
    return Array.from({ length: count * users.length }, (_, n) => {
      const user = users[n % users.length]!;
      return { user, run: `${user}-${first + n}`, position: first + n };
    });
  }
  const users = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `u${n}`);
  const expectOnce = async (published: readonly PublishedRun[]): Promise<void> => {
    for (const user of new Set(published.map((each) => each.user))) {
      const expected = published.filter((each) => each.user === user).map(({ run }) => run);
      expect(await lab.runsOf(user)).toEqual(expected);
    }
  };
  const all = (count: number): Promise<void> =>
    eventually(async () => expect(await lab.effects()).toHaveLength(count), PATIENCE_MS);

  test(
    'act on each message once and in order, however often it is sent, and commit behind it',
    async () => {
      const published = runsOf(users(20), 50);
      const work = start();
      await topic.publish(...published);
      // All of it again, and the beginning once more.
      await topic.publish(...published);
      await topic.publish(...published.slice(0, 300));
      await all(1_000);
      await eventually(() =>
        expect(work.status()).toMatchObject({ handled: 1_000, repeated: 1_300, lag: { value: 0 } }),
      );
      await eventually(async () => expect(await topic.uncommitted(CONSUMER)).toBe(0));
      await work.stop();
      await expectOnce(published);
      expect(work.status()).toMatchObject({ parked: 0, retried: 0, behindMs: 0 });
    },
    2 * MINUTE_MS,
  );

  test(
    'park what cannot be read with the later ones of its stream and tell the dead-letter topic; the others go on',
    async () => {
      const work = start();
      const [a1, b1, a2, b2] = runsOf(['a', 'b'], 2);
      const broken = {
        ...encodeMessage(runMessage({ user: 'a', run: 'x', position: 9 })),
        value: '{"no":"run"}',
      };
      await topic.publish(a1!, b1!);
      await topic.publishRaw(broken);
      await topic.publish(a2!, b2!);
      await all(3);
      await eventually(async () =>
        expect(await parked.list()).toMatchObject([{ state: 'parked', waiting: 2 }]),
      );
      const [first] = await parked.list();
      expect(first).toMatchObject({
        stream: 'wallet-a',
        reason: expect.stringContaining(
          'The message is not a public event: data of promptflow.prompt.charged.v1',
        ) as string,
      });
      expect(await topic.deadLetters(2)).toMatchObject([
        { stream: 'wallet-a', consumer: CONSUMER, message_id: first!.messageId, message: { kind: 'kafka' } },
        {
          stream: 'wallet-a',
          reason: 'Waits behind an earlier message of its stream.',
          message: { data: { runId: a2!.run } },
        },
      ]);
      expect(await lab.runsOf('a')).toEqual([a1!.run]);

      // Tried again it is as unreadable as before; dropped, the rest drains.
      await parked.retry({ consumer: CONSUMER, stream: 'wallet-a' });
      await eventually(async () =>
        expect(await parked.list()).toMatchObject([{ state: 'parked', waiting: 2, tries: 2 }]),
      );
      await topic.publish({ user: 'a', run: 'a-late', position: 10 });
      await eventually(async () => expect(await parked.list()).toMatchObject([{ waiting: 3 }]));
      expect(
        await parked.drop({ consumer: CONSUMER, messageId: first!.messageId, by: 'ops', reason: 'not ours' }),
      ).toBe(true);
      await eventually(async () => expect(await lab.runsOf('a')).toEqual([a1!.run, a2!.run, 'a-late']));
      await eventually(async () => expect(await parked.list()).toEqual([]));
      await work.stop();
    },
    2 * MINUTE_MS,
  );

  test(
    'stop by name when a message of another log comes',
    async () => {
      await topic.publishRaw(encodeMessage(runMessage({ user: 'a', run: 'r', position: 1 }, 'deadbeef')));
      const work = start();
      const ended = await work.ended;
      expect(ended).toBeInstanceOf(ConsumerStoppedError);
      expect(String(ended)).toMatch(
        /test-effects has stopped: a message of another log has come\. .*deadbeef/,
      );
      expect(work.status()).toMatchObject({ state: 'stopped' });
      expect(await lab.effects()).toEqual([]);
    },
    2 * MINUTE_MS,
  );

  test(
    'stop by name when the topic has forgotten what they have not read',
    async () => {
      const own = await RunTopic.open({ ...(await testKafka()), partitions: 1 });
      const published = runsOf(['a'], 6);
      const begin = (): AtWork =>
        lab.start(lab.consumer(), { source: kafkaSource({ config: own.config, log }), store: FAR_LOG });
      const first = begin();
      await own.publish(...published.slice(0, 2));
      await all(2);
      await first.stop();
      await own.publish(...published.slice(2));
      // What was handled may go.
      await own.forget(2);
      const second = begin();
      await all(6);
      await second.stop();
      await own.publish(...runsOf(['a'], 3, 7));
      await own.forget(8);
      const ended = await begin().ended;
      expect(ended).toBeInstanceOf(ConsumerStoppedError);
      expect(String(ended)).toMatch(/wallet-events\/0 begins at offset 8, the group .* has read up to 6/);
      await own.close();
    },
    2 * MINUTE_MS,
  );

  test(
    'killed between effect and offset commit, again and again: the next worker knows what was done',
    async () => {
      const published = runsOf(users(12), 40);
      const kills = 3;
      const share = published.length / kills;
      for (let kill = 0; kill < kills; kill++) {
        await topic.publish(...published.slice(kill * share, (kill + 1) * share));
        // The first batch is another each time, or the same: nothing of it was committed.
        const dying = await worker({ killAfter: 1 });
        const { signal } = await dying.ended;
        expect([signal, dying.said]).toEqual(['SIGKILL', expect.stringMatching(/^started\n(joined\n)*$/)]);
      }
      const last = await worker();
      await all(published.length);
      await eventually(async () => expect(await topic.uncommitted(CONSUMER)).toBe(0), PATIENCE_MS);
      const { code, counted } = await last.stop();
      expect(code).toBe(0);
      // Some were delivered again, or the kills have proved nothing.
      expect(counted!.repeated).toBeGreaterThan(0);
      await expectOnce(published);
    },
    4 * MINUTE_MS,
  );

  test(
    'members that come and go take over from each other in mid-batch',
    async () => {
      const published = runsOf(users(24), 100);
      const slow = (): AtWork =>
        start(lab.consumer((event) => (event.data.runId.endsWith('7') ? pause(5) : undefined)));
      const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
      const members = [slow()];
      const publishing = (async () => {
        for (let at = 0; at < published.length; at += 100) {
          await topic.publish(...published.slice(at, at + 100));
          await topic.publish(...published.slice(Math.max(0, at - 50), at));
          await pause(100);
        }
      })();
      for (let turn = 0; turn < 4; turn++) {
        await pause(700);
        members.push(slow());
        await pause(700);
        await members.shift()!.stop();
      }
      await publishing;
      await all(published.length);
      await Promise.all(members.map((each) => each.stop()));
      await expectOnce(published);
      expect(await parked.list()).toEqual([]);
    },
    4 * MINUTE_MS,
  );

  test(
    'lost connections to Postgres pause the partitions, and park nothing',
    async () => {
      const published = runsOf(users(10), 60);
      const work = start();
      for (let at = 0; at < published.length; at += 60) {
        await topic.publish(...published.slice(at, at + 60));
        await cutConnections(lab.database.url);
      }
      await all(published.length);
      await work.stop();
      await expectOnce(published);
      expect(await parked.list()).toEqual([]);
    },
    2 * MINUTE_MS,
  );

  test(
    'on SIGTERM a worker finishes what is in hand, commits it and leaves',
    async () => {
      const published = runsOf(users(6), 500);
      await topic.publish(...published);
      const slow = await worker({ slowMs: 1 });
      await eventually(async () => expect((await lab.effects()).length).toBeGreaterThan(0), PATIENCE_MS);
      const { code, counted } = await slow.stop();
      const done = (await lab.effects()).length;
      expect([code, counted]).toEqual([0, { handled: done, repeated: 0, parked: 0 }]);
      expect(done).toBeLessThan(published.length);
      // What had its effect is committed, so the next one is given nothing twice.
      expect(await topic.uncommitted(CONSUMER)).toBe(published.length - done);
      const next = start();
      await all(published.length);
      await next.stop();
      expect(next.status()).toMatchObject({ handled: published.length - done, repeated: 0 });
      await expectOnce(published);
    },
    2 * MINUTE_MS,
  );

  test(
    'a restart and a crash of the broker are waited out',
    async () => {
      const broker = await startOwnKafka();
      const own = await RunTopic.open({ brokers: broker.brokers, prefix: 'own.', partitions: 3 });
      try {
        const published = runsOf(users(10), 30);
        const work = lab.start(lab.consumer(), {
          source: kafkaSource({ config: own.config, log, sessionTimeoutMs: SESSION_TIMEOUT_MS }),
          store: FAR_LOG,
        });
        await own.publish(...published.slice(0, 100));
        await all(100);
        await broker.restart();
        await eventually(() => own.publish(...published.slice(100, 200)), PATIENCE_MS);
        await all(200);
        await broker.kill();
        await broker.start();
        await eventually(() => own.publish(...published.slice(200)), PATIENCE_MS);
        await all(300);
        await eventually(() => expect(work.status().state).toBe('running'));
        await work.stop();
        await expectOnce(published);
      } finally {
        await own.close().catch(() => undefined);
        await broker.stop();
      }
    },
    5 * MINUTE_MS,
  );
});
