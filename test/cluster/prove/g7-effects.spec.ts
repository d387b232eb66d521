import { setTimeout as sleep } from 'node:timers/promises';
import { BUILD_PATIENCE_MS, buildProgram } from '#test/support/build.js';
import { describeOnKafka, testKafka } from '#test/support/components/kafka.js';
import { ConsumerLab, eventually } from '#test/support/messaging/consumer-lab.js';
import { deliveriesOf } from '#test/support/messaging/deliveries.js';
import { EffectSink } from '#test/support/messaging/effect-sink.js';
import { LOG_ID, type PublishedRun, RunTopic } from '#test/support/messaging/run-topic.js';
import { WorkerProcess } from '#test/support/messaging/worker-process.js';
import { patience, showed, sized } from '#test/support/proof.js';
import { printedSeed } from '#test/support/property.js';
import { seededRandom } from '#test/support/random.js';

const MESSAGES = sized({ everyday: 2_000, full: 20_000 });
const REBALANCES = sized({ everyday: 4, full: 50 });
const KILLS = sized({ everyday: 3, full: 50 });
const USERS = sized({ everyday: 100, full: 1_000 });
const PATIENCE_MS = patience({ everyday: 240_000, full: 3_600_000 });
const DRAINED_PATIENCE_MS = patience({ everyday: 90_000, full: 300_000 });
const COPIES_MAX = 5;
const DISTANCE_MAX = 500;
const PARTITIONS = 12;
/** Members besides the one that is about to be killed. */
const STEADY = 2;
/** The shortest that brokers allow: the others go on only when a killed member is missed. */
const SESSION_TIMEOUT_MS = 6_000;
const CONSUMER = 'g7-effects';
const PUBLISH_EVERY_MS = 200;
/** Of what is left to publish, divided by the disturbances still to come. */
const SHARES_OF_DISTURBANCE = 50;

await describeOnKafka("G7: a worker's effect happens exactly once", () => {
  let lab: ConsumerLab;
  let sink: EffectSink;
  let topic: RunTopic;

  beforeAll(buildProgram, BUILD_PATIENCE_MS);
  beforeAll(async () => {
    lab = await ConsumerLab.open();
    await lab.pool.query(
      `create table calls (
         number bigint primary key generated always as identity, key text not null, done boolean not null default false
       )`,
    );
    sink = await EffectSink.open();
    topic = await RunTopic.open({ ...(await testKafka()), partitions: PARTITIONS });
  }, PATIENCE_MS);
  afterAll(async () => {
    await WorkerProcess.killAll();
    await topic.close();
    await sink.close();
    await lab.close();
  }, PATIENCE_MS);
  test(
    `${MESSAGES} messages, each delivered 1 to ${COPIES_MAX} times, ${REBALANCES} rebalances, ${KILLS} kills between effect and offset commit`,
    async () => {
      const seed = printedSeed('G7', MESSAGES);
      const random = seededRandom(seed);
      const deliveries = deliveriesOf({
        ...{ messages: MESSAGES, users: USERS, copiesMax: COPIES_MAX, distanceMax: DISTANCE_MAX },
        random,
      });
      const start = (killAfter?: number): Promise<WorkerProcess> =>
        WorkerProcess.start({
          ...{
            name: CONSUMER,
            databaseUrl: lab.database.url,
            kafka: topic.config,
            logId: LOG_ID,
            sink: sink.url,
          },
          sessionTimeoutMs: SESSION_TIMEOUT_MS,
          ...(killAfter === undefined ? {} : { killAfter }),
        });

      // Kills and rebalances mixed, as long as there are any left.
      const disturbances = [
        ...Array.from({ length: KILLS }, () => 'kill' as const),
        ...Array.from({ length: REBALANCES }, () => 'rebalance' as const),
      ]
        .map((kind) => ({ kind, order: random() }))
        .sort((a, b) => a.order - b.order)
        .map(({ kind }) => kind);
      const publisher = new PacedPublisher(topic, deliveries);
      const steady = await Promise.all(Array.from({ length: STEADY }, () => start()));
      const ends: Awaited<WorkerProcess['ended']>[] = [];
      for (let done = 0; done < disturbances.length; done++) {
        const disturbance =
          disturbances[done] === 'kill'
            ? dieBetween(await start(1 + Math.floor(random() * 3)))
            : changeMembers(steady, start, ends);
        await publisher.during(disturbance, disturbances.length - done);
      }
      await publisher.rest();
      await eventually(() => expect(sink.keys.size).toBe(MESSAGES), DRAINED_PATIENCE_MS);
      await eventually(async () => expect(await topic.uncommitted(CONSUMER)).toBe(0), DRAINED_PATIENCE_MS);
      for (const worker of steady) ends.push(await worker.stop());
      expect(ends.map(({ code }) => code)).toEqual(ends.map(() => 0));

      // The sink has seen each effect once, and nothing that nobody has sent.
      expect(sink.doubles).toEqual([]);
      expect(sink.keys).toEqual(new Set(deliveries.map(({ user, run }) => `wallet-${user}/${run}`)));
      // The rows have no key that could have hidden a double: they are in the order of each stream.
      const byStream = new Map<string, string[]>();
      for (const { stream, run } of await lab.effects()) {
        byStream.set(stream, [...(byStream.get(stream) ?? []), run]);
      }
      expect(byStream).toEqual(firstsOf(deliveries));
      showed({
        guarantee: 'G7',
        proof: 'exactly-once effects on Kafka',
        figures: {
          messages: MESSAGES,
          deliveries: deliveries.length,
          kills: KILLS,
          rebalances: REBALANCES,
          'calls of the sink': sink.calls,
          'effects twice': sink.doubles.length,
        },
        seed,
      });
    },
    PATIENCE_MS,
  );
});

/** Publishes while something happens, so that there is always something in hand, and never all of it. */
class PacedPublisher {
  private at = 0;

  constructor(
    private readonly topic: RunTopic,
    private readonly deliveries: readonly PublishedRun[],
  ) {}

  async during(disturbance: Promise<void>, disturbancesLeft: number): Promise<void> {
    let isOver = false;
    const over = disturbance.finally(() => (isOver = true));
    while (!isOver) {
      const left = this.deliveries.length - this.at;
      await this.publish(Math.ceil(left / (disturbancesLeft * SHARES_OF_DISTURBANCE)));
      await Promise.race([sleep(PUBLISH_EVERY_MS), over]);
    }
    await over;
  }

  async rest(): Promise<void> {
    await this.publish(this.deliveries.length - this.at);
  }

  private async publish(count: number): Promise<void> {
    await this.topic.publish(...this.deliveries.slice(this.at, this.at + count));
    this.at += count;
  }
}

/** Waits until the worker has killed itself with effects committed that Kafka was not told of. */
async function dieBetween(worker: WorkerProcess): Promise<void> {
  const { signal } = await worker.ended;
  expect([signal, worker.said]).toEqual(['SIGKILL', expect.stringMatching(/^started\n(joined\n)*$/)]);
}

/** One member leaves, or the one that is missing joins: the group rebalances. */
async function changeMembers(
  steady: WorkerProcess[],
  start: () => Promise<WorkerProcess>,
  ends: Awaited<WorkerProcess['ended']>[],
): Promise<void> {
  if (steady.length === STEADY) ends.push(await steady.shift()!.stop());
  else {
    const joining = await start();
    steady.push(joining);
    await eventually(() => expect(joining.said).toContain('joined'), DRAINED_PATIENCE_MS);
  }
}

/** Runs of each stream in the order in which they were first sent. */
function firstsOf(deliveries: readonly PublishedRun[]): ReadonlyMap<string, readonly string[]> {
  const firsts = new Map<string, Set<string>>();
  for (const { user, run } of deliveries) {
    const stream = `wallet-${user}`;
    firsts.set(stream, (firsts.get(stream) ?? new Set()).add(run));
  }
  return new Map([...firsts].map(([stream, runs]) => [stream, [...runs]]));
}
