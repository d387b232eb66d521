import { PoisonMessageError } from '#libs/messaging/consumer.js';
import { type CommandRun, runLedger, withDataDir } from '#test/load/ledger-command.js';
import { buildProgram } from '#test/support/build.js';
import { type AtWork, CONSUMER, ConsumerLab, eventually } from '#test/support/messaging/consumer-lab.js';

const MINUTE_MS = 60_000;

describe('ledger dlq', () => {
  let lab: ConsumerLab;
  const bad = new Set<string>();

  beforeAll(buildProgram, 2 * MINUTE_MS);
  beforeEach(async () => {
    lab = await ConsumerLab.open();
    bad.clear();
  });
  afterEach(() => lab.close());

  const dlq = (...args: string[]): Promise<CommandRun> =>
    runLedger(['dlq', ...args], { env: { DATABASE_URL: lab.database.url } });
  const work = (): AtWork =>
    lab.start(
      lab.consumer((event) => {
        if (bad.has(event.data.runId)) throw new PoisonMessageError(`no\u001b[31m ${event.data.runId}`);
      }),
    );
  const listed = async (): Promise<readonly { stream: string; messageId: string; waiting: number }[]> =>
    JSON.parse((await dlq('list', '--json')).stdout) as never;

  test(
    'lists, shows, retries and drops what waits, while the worker runs',
    async () => {
      expect(await dlq('list')).toMatchObject({ code: 0, stdout: 'No message waits.\n' });
      bad.add('a-1').add('b-0');
      const worker = work();
      await lab.charge('a', 'a-0', 'a-1', 'a-2');
      await lab.charge('b', 'b-0');
      await eventually(() => expect(worker.status().parked).toBe(2));

      const list = await dlq('list', '--consumer', CONSUMER);
      expect(list.stdout).toMatch(/^test-effects {2}wallet-a {2}parked\n {2}reason {3}no \[31m a-1\n/);
      expect(list.stdout).toMatch(/1 try, 2 messages waiting/);
      const show = await dlq('show', CONSUMER, 'wallet-a');
      expect(show.stdout).toMatch(/: waits\n[^]*tried [^]*"runId": "a-1"[^]*Waits behind an earlier message/);

      const again = await dlq('retry', CONSUMER, 'wallet-a');
      expect([again.code, again.stdout]).toEqual([
        1,
        expect.stringMatching(/^Marked: 2 message\(s\) of 1 stream\(s\)[^]*wallet-a {2}parked/) as string,
      ]);
      bad.delete('a-1');
      const repaired = await dlq('retry', CONSUMER, '--all');
      expect(repaired.stdout).toMatch(/^Marked: 3 message\(s\) of 2 stream\(s\)[^]*wallet-b {2}parked/);
      expect(await lab.runsOf('a')).toEqual(['a-0', 'a-1', 'a-2']);

      const [waiting] = await listed();
      expect(waiting).toMatchObject({ stream: 'wallet-b', waiting: 1 });
      const drop = ['drop', CONSUMER, waiting!.messageId] as const;
      expect((await dlq(...drop)).stderr).toContain("required option '--reason <text>' not specified");
      const dropped = await dlq(...drop, '--reason', 'paid by hand', '--by', 'ops');
      expect([dropped.code, dropped.stdout]).toEqual([
        0,
        `Dropped ${waiting!.messageId}, on record as done by ops: paid by hand\n`,
      ]);
      expect(await dlq(...drop, '--reason', 'again')).toMatchObject({ code: 1 });
      await eventually(async () => expect(await listed()).toEqual([]));
      expect((await dlq('show', CONSUMER, 'wallet-b', '--all')).stdout).toMatch(
        /dropped .* by ops: paid by hand/,
      );
      await lab.charge('b', 'b-1');
      await eventually(async () => expect(await lab.runsOf('b')).toEqual(['b-1']));
      await worker.stop();
    },
    2 * MINUTE_MS,
  );

  test(
    'says when no worker runs; what was marked is handled once one starts',
    async () => {
      bad.add('a-0');
      const worker = work();
      await lab.charge('a', 'a-0');
      await eventually(() => expect(worker.status().parked).toBe(1));
      await worker.stop();
      await lab.pool.query(`update messaging.consumers set seen_at = now() - interval '1 minute'`);
      const { code, stdout } = await dlq('retry', CONSUMER, 'wallet-a');
      expect([code, stdout]).toEqual([
        0,
        expect.stringContaining(
          'No worker of test-effects runs: they are handled when one starts.',
        ) as string,
      ]);
      expect((await dlq('list')).stdout).toMatch(
        /wallet-a {2}retrying, .*and no worker of test-effects runs/,
      );
      bad.clear();
      const next = work();
      await eventually(async () => expect(await lab.runsOf('a')).toEqual(['a-0']));
      await next.stop();
    },
    2 * MINUTE_MS,
  );

  test(
    'asks for what it needs, and works on the embedded engine',
    async () => {
      expect(await dlq('retry', CONSUMER)).toMatchObject({
        code: 2,
        stderr: 'Name one stream to retry, or --all for every stream of the consumer.\n',
      });
      expect(await dlq('show', CONSUMER, 'wallet-z')).toMatchObject({
        code: 1,
        stderr: 'Nothing of test-effects waits in wallet-z: see ledger dlq list.\n',
      });
      await withDataDir(async (dataDir) => {
        const run = await runLedger(['dlq', 'list'], { env: { DATA_DIR: dataDir } });
        expect([run.code, run.stdout]).toEqual([0, 'No message waits.\n']);
      });
    },
    2 * MINUTE_MS,
  );
});
