import { setTimeout as sleep } from 'node:timers/promises';
import { type OwnKafka, describeOnKafka, startOwnKafka } from '#test/support/components/kafka.js';
import { buildProgram } from '#test/support/build.js';
import { killLedgerProcesses } from '#test/support/ledger-process.js';
import { numberOf } from '#test/support/messaging/high-water.js';
import { PATIENCE_MS, RelayScene, until } from './relay-scene.js';

const TEST_MS = 240_000;
const STOPPED_MS = 30_000;
/** A standby leads after ten seconds of silence, and a little for its own tries. */
const TAKE_OVER_MS = 20_000;
/** What a relay has on its way at most: one chunk, which is of one batch. */
const CHUNK_EVENTS_MAX = 1_000;

let broker: OwnKafka;
let scene: RelayScene;

beforeAll(() => buildProgram(), PATIENCE_MS);

/**
 * What is guaranteed: at every moment, whatever stands in a partition stands behind all earlier events of its stream.
 * What the first relay had sent, and nobody had acknowledged to Postgres, is repeated by the second; and what of it was
 * still on its way may come whenever the first wakes up. Nothing at or below the checkpoint that the first has left ever
 * comes again. So a reader that passes over what lies at or below its high water hears each event once, in order.
 */
await describeOnKafka('a leader that stands still in the middle of a send', () => {
  beforeEach(async () => {
    broker = await startOwnKafka();
    scene = await RelayScene.open({ brokers: broker.brokers, prefix: 'fence.' });
    await scene.charge(6_000);
  }, PATIENCE_MS);
  afterEach(async () => {
    await killLedgerProcesses();
    await scene.close();
    await broker.kill();
  });

  test(
    'is taken over, wakes up after 30 s, and publishes nothing more: no gap, no step back beyond the tail',
    async () => {
      const first = await scene.process();
      await until(async () => ((await scene.checkpoint())?.position ?? 0n) > 500n, {
        what: 'the first relay to publish',
      });
      await stopInMidSend(first.pid);
      const left = (await scene.checkpoint())!;
      expect(left.epoch).toBe(1);
      expect(left.position).toBeLessThan(await scene.store.head());

      const stoppedAt = performance.now();
      const second = await scene.process();
      const writer = scene.write();
      await until(async () => (await scene.checkpoint())!.epoch === 2, {
        what: 'the second relay to take over',
        patienceMs: TAKE_OVER_MS,
      });
      await until(async () => (await scene.checkpoint())!.position > left.position + 2_000n, {
        what: 'the second relay to publish',
      });
      await sleep(Math.max(0, STOPPED_MS - (performance.now() - stoppedAt)));
      process.kill(first.pid, 'SIGCONT');
      await sleep(3_000);

      // It has not ended the epoch of the second, and waits for its turn, which comes when the second ends.
      expect((await scene.checkpoint())!.epoch).toBe(2);
      expect(await second.stop()).toBe(0);
      await until(async () => (await scene.checkpoint())!.epoch === 3, {
        what: 'the first relay to lead again',
      });
      await writer.stop();
      await scene.published();
      expect(await first.stop()).toBe(0);

      const { repeated } = await scene.expectComplete();
      process.stdout.write(
        `relay fence: ${repeated.length} events came twice, none of them acknowledged before\n`,
      );
      expect(repeated.filter((event) => numberOf(event) <= left.position)).toEqual([]);
      // Some were: it was stopped in the middle of a send.
      expect(repeated).not.toEqual([]);
      expect(repeated.length).toBeLessThanOrEqual(2 * CHUNK_EVENTS_MAX);
    },
    TEST_MS,
  );
});

/** A broker that stands still holds the relay in its send; then the relay stands still, and its messages arrive. */
async function stopInMidSend(pid: number): Promise<void> {
  process.kill(broker.pid, 'SIGSTOP');
  await sleep(500);
  process.kill(pid, 'SIGSTOP');
  process.kill(broker.pid, 'SIGCONT');
}
