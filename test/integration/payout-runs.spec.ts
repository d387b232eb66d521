import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildProgram } from '#apps/cli/program.js';
import { loadConfig } from '#libs/platform/config.js';
import { PayoutRuns } from '#libs/payouts/runs/payout-runs.js';
import { scheduledRunId, scheduleStart } from '#libs/payouts/runs/schedule.js';
import { get, type HttpReply, post } from '#test/support/http.js';
import { openPayoutApi, type PayoutApi } from '#test/support/payouts/payout-api.js';
import { PayoutLab, until } from '#test/support/payouts/payout-lab.js';

type Json = Record<string, unknown>;
const RUNS = '/api/payouts/runs';

describe('a payout run', () => {
  let lab: PayoutLab;
  let api: PayoutApi;
  let folder: string;

  beforeEach(async () => {
    lab = await PayoutLab.open();
    lab.project();
    api = await openPayoutApi(lab, { accepts: (provider) => provider !== 'stripe' });
    folder = mkdtempSync(join(tmpdir(), 'payout-runs-'));
  });
  afterEach(async () => {
    await api.close();
    await lab.close();
    rmSync(folder, { recursive: true, force: true });
    expect(api.faults).toEqual([]);
  });

  const env = (more = {}) => ({ PAYOUT_FILES_DIR: folder, ...more });
  const prepare = async (key?: string): Promise<Json> => {
    const { status, body } = await post(api.url, RUNS, {}, key);
    expect([status, body['code']]).toEqual([200, undefined]);
    return body['run'] as Json;
  };
  const show = async (runId: unknown): Promise<{ run?: Json; items: Json[] }> => {
    const { body } = await get(api.url, `${RUNS}/${String(runId)}`);
    return body as unknown as { run?: Json; items: Json[] };
  };
  const decide = (runId: unknown, decision: string, key?: string): Promise<HttpReply> =>
    post(api.url, `${RUNS}/${String(runId)}/${decision}`, {}, key);
  const done = (runId: unknown) =>
    until('the run is done', async () => {
      const shown = await show(runId);
      return shown.run?.['state'] === 'done' ? shown : undefined;
    });

  /** Five creators, of whom two can be paid. */
  async function scene(): Promise<void> {
    await lab.earn('c-1', 1_234n);
    await lab.verify('c-1', 'acct-1', 'bank');
    await lab.earn('c-2', 2_000n);
    await lab.verify('c-2', 'acct-2', 'bank');
    await lab.earn('c-3', 5_000n);
    await lab.earn('c-4', 999n);
    await lab.verify('c-4', 'acct-4', 'bank');
    await lab.earn('c-5', 3_000n);
    await lab.verify('c-5', 'acct_5', 'stripe');
    await lab.earn('c-6', 1_000n);
    await lab.verify('c-6', 'acct-6', 'bank');
    await lab.takeBack('c-6', 1_500n);
  }

  test('is prepared, previewed, approved, carried out by file and settled', async () => {
    await scene();
    const run = await prepare();
    expect(run).toMatchObject({
      state: 'prepared',
      preparedBy: 'local',
      creators: 6,
      listed: 2,
      excluded: 4,
      amount: '32340000',
      usd: '$32.34',
      requestedAmount: '0',
    });
    const { items } = await show(run['runId']);
    expect(items.map(({ creatorId, state, reason, amount }) => [creatorId, state, reason, amount])).toEqual([
      ['c-1', 'listed', undefined, '12340000'],
      ['c-2', 'listed', undefined, '20000000'],
      ['c-3', 'excluded', 'no_destination', '0'],
      ['c-4', 'excluded', 'below_minimum', '0'],
      ['c-5', 'excluded', 'provider_not_configured', '0'],
      ['c-6', 'excluded', 'negative', '0'],
    ]);
    lab.work(env());
    await sleep(300);
    expect((await show(run['runId'])).run).toMatchObject({ state: 'prepared' });

    const approved = await decide(run['runId'], 'approve');
    expect(approved.body['run']).toMatchObject({ state: 'approved', decidedBy: 'local' });
    const after = await done(run['runId']);
    expect(after.run).toMatchObject({ listed: 0, requested: 2, skipped: 0, requestedAmount: '32340000' });
    const payoutId = `run-${String(run['runId'])}-c-1`;
    expect(after.items[0]).toMatchObject({ state: 'requested', payoutId, requestedAmount: '12340000' });

    const sent = await lab.comesTo('c-1', payoutId, { state: 'sent', ledgerState: 'sent' });
    await lab.comesTo('c-2', `run-${String(run['runId'])}-c-2`, { state: 'sent', ledgerState: 'sent' });
    const [file, ...others] = readdirSync(folder);
    expect(others).toEqual([]);
    expect(sent.reference).toBe(file);
    expect(readFileSync(join(folder, file!), 'utf8')).toBe(
      'payout_id,creator_id,destination,amount,currency\r\n' +
        `${payoutId},c-1,acct-1,12.34,usd\r\n` +
        `run-${String(run['runId'])}-c-2,c-2,acct-2,20.00,usd\r\n`,
    );

    await post(api.url, `/api/creators/c-1/payouts/${payoutId}/settled`, {});
    expect(await lab.types('c-1', payoutId)).toEqual(['PayoutRequested', 'PayoutSent', 'PayoutSettled']);
    expect((await show(run['runId'])).items[0]).toMatchObject({ transferState: 'sent' });
  });

  test('is judged afresh when it comes to it: less when less is payable, never more, skipped when refused', async () => {
    for (const [id, cents] of [
      ['c-1', 2_000n],
      ['c-2', 2_000n],
      ['c-3', 2_000n],
    ] as const) {
      await lab.earn(id, cents);
      await lab.verify(id, `acct-${id}`, 'bank');
    }
    const run = await prepare();
    await lab.takeBack('c-1', 500n);
    await lab.takeBack('c-2', 1_500n);
    await lab.earn('c-3', 7_000n);
    await decide(run['runId'], 'approve');
    lab.work(env());
    const { items } = await done(run['runId']);
    expect(
      items.map(({ creatorId, state, reason, requestedAmount }) => [
        creatorId,
        state,
        reason,
        requestedAmount,
      ]),
    ).toEqual([
      ['c-1', 'requested', undefined, '15000000'],
      ['c-2', 'skipped', 'payout.below_minimum', undefined],
      ['c-3', 'requested', undefined, '20000000'],
    ]);
  });

  test('that is rejected pays nobody and can not be approved any more', async () => {
    await scene();
    const run = await prepare();
    expect((await decide(run['runId'], 'reject')).body['run']).toMatchObject({ state: 'rejected' });
    const late = await decide(run['runId'], 'approve');
    expect([late.status, late.body['code'], late.body['detail']]).toEqual([
      400,
      'request.invalid',
      'id: names a run that is rejected, not prepared',
    ]);
    lab.work(env());
    await sleep(300);
    expect(readdirSync(folder)).toEqual([]);
    expect(await lab.transfers.list({ limit: 10 })).toEqual([]);
  });

  test('has one effect for a key, however often it is asked for at once', async () => {
    await scene();
    const runs = await Promise.all(Array.from({ length: 20 }, () => prepare('same-key')));
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1);
    const { body } = await get(api.url, RUNS);
    expect(body['items']).toHaveLength(1);
    const id = runs[0]!['runId'];
    const approvals = await Promise.all(Array.from({ length: 10 }, () => decide(id, 'approve', 'approve-1')));
    expect(approvals.map(({ status }) => status)).toEqual(approvals.map(() => 200));
    expect(approvals.filter(({ body: { replayed } }) => replayed === false)).toHaveLength(1);
    expect((await decide('no-such-run', 'approve')).body).toMatchObject({ code: 'payout.not_found' });
  });

  test('is shown in pages and as CSV', async () => {
    await scene();
    const run = await prepare();
    const path = `${RUNS}/${String(run['runId'])}`;
    const first = (await get(api.url, `${path}?limit=4`)).body;
    const second = (await get(api.url, `${path}?limit=4&cursor=${String(first['nextCursor'])}`)).body;
    expect([first['items'], second['items']].map((items) => (items as Json[]).length)).toEqual([4, 2]);
    expect(second['nextCursor']).toBeNull();
    for (const ask of [
      fetch(`${api.url}${path}?format=csv`),
      fetch(`${api.url}${path}`, { headers: { accept: 'text/csv' } }),
    ]) {
      const response = await ask;
      expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
      const lines = (await response.text()).split('\r\n');
      expect(lines[1]).toBe('c-1,listed,,12340000,12.34,bank,acct-1,,,');
      expect(lines[6]).toBe("c-6,excluded,negative,'-5000000,0.00,bank,acct-6,,,");
      expect(lines).toHaveLength(8);
    }
  });

  test('transfers are listed by state and creator', async () => {
    await lab.requested('c-1', 'po-1', 2_000n, 'bank');
    await lab.requested('c-2', 'po-1', 2_000n, 'stripe');
    lab.work(env());
    await lab.comesTo('c-1', 'po-1', { state: 'sent', ledgerState: 'sent' });
    const list = async (query: string) =>
      ((await get(api.url, `/api/payouts/transfers${query}`)).body['items'] as Json[]).map(
        ({ creatorId, state }) => [creatorId, state],
      );
    expect(await list('?state=sent')).toEqual([['c-1', 'sent']]);
    expect(await list('?creatorId=c-2')).toEqual([['c-2', 'waiting']]);
    expect(await list('?state=conflict')).toEqual([]);
    expect((await get(api.url, '/api/payouts/transfers?state=lost')).body).toMatchObject({
      code: 'request.invalid',
    });
  });

  test('a conflict that finance has settled is taken away, and only a conflict', async () => {
    await lab.requested('c-1', 'po-1', 2_000n, 'bank');
    lab.work(env());
    await lab.comesTo('c-1', 'po-1', { state: 'sent', ledgerState: 'sent' });
    const resolve = () => post(api.url, '/api/payouts/transfers/c-1/po-1/resolve', {});
    expect((await resolve()).body['detail']).toBe('payoutId: names a transfer that is not in conflict');
    await lab.pool.query(`update payouts.transfers set conflict = 'sent_but_failed', conflict_detail = 'x'`);
    expect((await get(api.url, '/api/payouts/transfers?state=conflict')).body['items']).toHaveLength(1);
    expect((await resolve()).body['transfer']).toMatchObject({ state: 'sent', ledgerState: 'sent' });
    expect((await get(api.url, '/api/payouts/transfers?state=conflict')).body['items']).toEqual([]);
    const { rows } = await lab.pool.query<{ note: string }>(
      'select note from payouts.transfer_history order by seq desc limit 1',
    );
    expect(rows).toEqual([{ note: 'conflict resolved by local' }]);
  });

  test('is prepared, shown, approved and settled from the command line', async () => {
    await scene();
    lab.work(env());
    const prepared = await ledger('prepare', '--json');
    const { run } = JSON.parse(prepared.out) as { run: { runId: string } };
    const shown = await ledger('show', run.runId);
    expect(shown.out).toContain(`Run ${run.runId}: prepared, $32.34 listed`);
    expect(shown.out).toMatch(/c-6 +excluded +-\$5\.00 +negative/);
    expect((await ledger('approve', run.runId)).out).toContain(`Run ${run.runId}: approved`);
    await done(run.runId);
    for (const id of ['c-1', 'c-2']) {
      await lab.comesTo(id, `run-${run.runId}-${id}`, { state: 'sent', ledgerState: 'sent' });
    }
    expect((await ledger('runs')).out).toMatch(new RegExp(`${run.runId} +done`));
    const file = join(folder, readdirSync(folder)[0]!);
    expect((await ledger('settle', file)).out).toBe('2 of 2 payouts are settled.\n');
    expect((await ledger('settle', file)).out).toBe('2 of 2 payouts are settled, 2 of them before.\n');
    const returned = await ledger('fail', 'c-1', `run-${run.runId}-c-1`, '--reason', 'returned');
    expect(returned.out).toBe(`run-${run.runId}-c-1 is failed.\n`);
    writeFileSync(file, 'payout_id,creator_id\r\nno-such-payout,c-1\r\n');
    const refused = await ledger('settle', file);
    expect(refused.error).toContain('line 2: no-such-payout: payout.not_found');
    expect(await lab.types('c-2', `run-${run.runId}-c-2`)).toEqual([
      'PayoutRequested',
      'PayoutSent',
      'PayoutSettled',
    ]);
  });

  /** `ledger payouts ...` against this api, in this process. */
  async function ledger(
    ...args: readonly string[]
  ): Promise<{ readonly out: string; readonly error: string }> {
    let out = '';
    const program = buildProgram({
      config: () => loadConfig({ LEDGER_URL: api.url }),
      stdout: { isTTY: false, write: (text: string) => ((out += text), true) },
      stderr: { isTTY: false, write: () => true },
      signal: new AbortController().signal,
      exitCode: 0,
    });
    const error = await program.parseAsync(['node', 'ledger', 'payouts', ...args, '--url', api.url]).then(
      () => '',
      (failure: Error) => failure.message,
    );
    return { out, error };
  }

  describe('by schedule', () => {
    const now = Date.now();
    const runId = scheduledRunId('daily', scheduleStart('daily', now));
    /** As if the schedule had been set last month. */
    const longSet = (): Promise<unknown> =>
      new PayoutRuns(lab.pool).scheduledSince('daily', now - 40 * 86_400_000);

    test('is prepared once by three workers, and approved at once when that is configured', async () => {
      await scene();
      await longSet();
      for (let worker = 0; worker < 3; worker++) {
        lab.work(env({ PAYOUT_SCHEDULE: 'daily', PAYOUT_APPROVAL: 'automatic' }));
      }
      const { run } = await done(runId);
      expect(run).toMatchObject({ preparedBy: 'system:payout-worker', requested: 2 });
      await lab.comesTo('c-1', `run-${runId}-c-1`, { state: 'sent', ledgerState: 'sent' });
      const { body } = await get(api.url, RUNS);
      expect(body['items']).toHaveLength(1);
    });

    test('waits for finance unless configured otherwise', async () => {
      await scene();
      await longSet();
      lab.work(env({ PAYOUT_SCHEDULE: 'daily' }));
      const { run } = await until('prepared', async () => {
        const shown = await show(runId);
        return shown.run === undefined ? undefined : shown;
      });
      expect(run).toMatchObject({ state: 'prepared', listed: 2 });
    });

    test('setting a schedule in the middle of a period pays nobody before the next one begins', async () => {
      await scene();
      lab.work(env({ PAYOUT_SCHEDULE: 'monthly', PAYOUT_APPROVAL: 'automatic' }));
      await sleep(500);
      expect((await get(api.url, RUNS)).body['items']).toEqual([]);
    });
  });
});
