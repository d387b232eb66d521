import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeStripe } from '#test/support/payouts/fake-stripe.js';
import { PayoutLab } from '#test/support/payouts/payout-lab.js';
import { killWorkerProcesses, startWorkerProcess } from '#test/support/payouts/worker-process.js';

describe('a payout worker killed with SIGKILL', () => {
  let lab: PayoutLab;
  let stripe: FakeStripe;
  let folder: string;
  let ids = 0;

  beforeAll(async () => {
    lab = await PayoutLab.open();
    stripe = await FakeStripe.start();
    folder = mkdtempSync(join(tmpdir(), 'payout-files-'));
  });
  afterEach(() => killWorkerProcesses());
  afterAll(async () => {
    await lab.close();
    await stripe.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const stripeEnv = () => ({
    DATABASE_URL: lab.databaseUrl,
    PAYOUT_PROVIDER: 'stripe',
    STRIPE_SECRET_KEY: 'sk_test_0123456789',
    STRIPE_API_URL: stripe.url,
  });
  const fileEnv = () => ({
    DATABASE_URL: lab.databaseUrl,
    PAYOUT_PROVIDER: 'file',
    PAYOUT_FILES_DIR: folder,
  });
  const creators = (count: number): readonly string[] => Array.from({ length: count }, () => `c-${++ids}`);

  test.each(['before_send', 'after_send', 'before_command', 'after_command'])(
    '%s, at two payouts in a row: each of five is sent once and recorded once',
    async (killAt) => {
      const five = creators(5);
      for (const id of five) await lab.requested(id, 'po-1', 1_700n);
      for (const nth of [1, 2]) {
        const { ended } = await startWorkerProcess(stripeEnv(), { killAt, nth });
        expect(await ended).toBe('SIGKILL');
      }
      const survivor = await startWorkerProcess(stripeEnv());
      await Promise.all(five.map((id) => lab.comesTo(id, 'po-1', { state: 'sent', ledgerState: 'sent' })));
      await survivor.kill();
      expect(
        five.map((id) => stripe.made.filter((each) => each.destination === `acct_${id}`).length),
      ).toEqual([1, 1, 1, 1, 1]);
      for (const id of five) expect(await lab.types(id, 'po-1')).toEqual(['PayoutRequested', 'PayoutSent']);
    },
    60_000,
  );

  test.each(['file_begun', 'file_written'])(
    '%s: no payout is in two files, and each is in one',
    async (killAt) => {
      const before = readdirSync(folder).length;
      const five = creators(5);
      for (const id of five) await lab.requested(id, 'po-1', 1_700n, 'bank');
      const { ended } = await startWorkerProcess(fileEnv(), { killAt });
      expect(await ended).toBe('SIGKILL');
      const survivor = await startWorkerProcess(fileEnv());
      await Promise.all(five.map((id) => lab.comesTo(id, 'po-1', { state: 'sent', ledgerState: 'sent' })));
      await survivor.kill();
      const files = readdirSync(folder).filter((name) => name.endsWith('.csv'));
      expect(files.length).toBeGreaterThan(before);
      const lines = files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\r\n'));
      for (const id of five) {
        expect(lines.filter((line) => line === `po-1,${id},acct_${id},17.00,usd`)).toHaveLength(1);
      }
    },
    60_000,
  );
});
