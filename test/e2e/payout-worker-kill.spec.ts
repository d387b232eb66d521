import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PayoutRuns } from '#libs/payouts/runs/payout-runs.js';
import type { RunCandidate } from '#libs/payouts/runs/run.js';
import { inTransaction } from '#libs/platform/transaction.js';
import { FakeStripe } from '#test/support/payouts/fake-stripe.js';
import { PayoutLab, until } from '#test/support/payouts/payout-lab.js';
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

  test('after_request, twice in a run: every creator is requested once, and the run ends', async () => {
    const five = creators(5);
    for (const id of five) {
      await lab.earn(id, 1_700n);
      await lab.verify(id);
    }
    const runs = new PayoutRuns(lab.pool);
    await inTransaction(lab.pool, (tx) =>
      runs.prepare(
        tx,
        {
          runId: 'killed',
          judgedAt: Date.now(),
          position: 'x-1',
          preparedBy: 'test',
          approvedBy: 'test',
          rules: { minimum: 10_000_000n, accepts: () => true },
        },
        candidates(five),
      ),
    );
    for (const nth of [2, 1]) {
      const { ended } = await startWorkerProcess(stripeEnv(), { killAt: 'after_request', nth });
      expect(await ended).toBe('SIGKILL');
    }
    const survivor = await startWorkerProcess(stripeEnv());
    await Promise.all(
      five.map((id) => lab.comesTo(id, `run-killed-${id}`, { state: 'sent', ledgerState: 'sent' })),
    );
    expect(
      await until('done', async () => {
        const run = await runs.find('killed');
        return run?.state === 'done' ? run : undefined;
      }),
    ).toMatchObject({ totals: { listed: 0, requested: 5, requestedCents: 8_500n } });
    await survivor.kill();
    for (const id of five) {
      expect(await lab.types(id, `run-killed-${id}`)).toEqual(['PayoutRequested', 'PayoutSent']);
      expect(stripe.paidTo(`acct_${id}`)).toBe(1_700);
    }
  }, 60_000);

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

async function* candidates(creators: readonly string[]): AsyncIterable<readonly RunCandidate[]> {
  yield creators.map((creatorId) => ({
    creatorId,
    payable: 17_000_000n,
    destination: { provider: 'stripe', reference: `acct_${creatorId}` },
  }));
}
