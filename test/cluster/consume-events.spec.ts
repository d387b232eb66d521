import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';
import { describeOnKafka, testKafka } from '#test/support/components/kafka.js';
import { publicEventsOf } from '#test/support/messaging/high-water.js';
import { PATIENCE_MS, RelayScene, until } from './relay-scene.js';

const PAGE = join(PROJECT_ROOT, 'docs', 'how-to', 'consume-events.md');
const TEST_MS = 120_000;

let scene: RelayScene;
let child: ChildProcess | undefined;

/** The program of the page, as its reader would run it: from a file of its own, with what the page names. */
function runProgramOfPage(): ChildProcess {
  const [, program] = /```js\n(.*?)```/s.exec(readFileSync(PAGE, 'utf8'))!;
  const { brokers, prefix } = scene.kafka;
  return spawn(process.execPath, ['--input-type=module', '--eval', program!], {
    cwd: PROJECT_ROOT,
    env: {
      PATH: process.env['PATH'] ?? '',
      CONSUMER_DATABASE_URL: scene.database.url,
      KAFKA_BROKERS: brokers.join(','),
      KAFKA_TOPIC_PREFIX: prefix,
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function kill(): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const publishAll = async (): Promise<void> => {
  const relay = scene.start();
  await scene.published();
  await relay.stop();
};

await describeOnKafka('the program of docs/how-to/consume-events.md', () => {
  beforeEach(async () => {
    scene = await RelayScene.open(await testKafka());
  }, PATIENCE_MS);
  afterEach(async () => {
    await kill();
    await scene.close();
  });

  test(
    'counts what was spent once, though everything comes twice and it is killed in between',
    async () => {
      await scene.charge(200);
      await publishAll();
      child = runProgramOfPage();
      const spent = async () =>
        (await scene.query<{ credits: string }>('select sum(credits)::text as credits from spent', []))
          .rows[0]?.credits;
      await until(async () => typeof (await spent().catch(() => undefined)) === 'string', {
        what: 'the first effect',
      });
      await kill();
      await scene.query('delete from messaging.relays', []);
      await scene.charge(100);
      await publishAll();
      const expected = await totalOfCharges();
      child = runProgramOfPage();
      await until(async () => (await spent()) === expected, { what: `${expected} credits` });
      // A mark behind everything: whatever came twice has been read when its effect is there.
      await scene.charge(20);
      await publishAll();
      const final = await totalOfCharges();
      await until(async () => (await spent()) === final, { what: `${final} credits` });
    },
    TEST_MS,
  );
});

async function totalOfCharges(): Promise<string> {
  let total = 0n;
  for (const events of (await publicEventsOf(scene.store)).values()) {
    for (const { type, data } of events) {
      if (type === 'promptflow.prompt.charged.v1') total += BigInt(data.total);
    }
  }
  return total.toString();
}
