import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeMetadata } from '#libs/contracts/metadata.js';
import { encodeEvent } from '#libs/contracts/stored-events.js';
import { RunId } from '#libs/kernel/ids.js';
import { runProjections } from '#libs/projection-runner/run-projections.js';
import { ALL_PROJECTIONS } from '#projections/all.js';
import { commandOutcomes } from '#projections/command-outcomes/project.js';
import { lookUpPast } from '#projections/command-outcomes/queries.js';
import { promptRuns } from '#projections/prompt-runs/project.js';
import { topModels } from '#projections/prompt-runs/queries.js';
import { LedgerTraffic } from '#test/support/event-generator.js';
import { charged } from '#test/support/logged-event.js';
import { ProjectionLab, SILENT } from '#test/support/projection-lab.js';

let lab: ProjectionLab;

beforeEach(async () => {
  lab = await ProjectionLab.open();
});
afterEach(() => lab.close());

test('keys, models and reasons of any characters are stored as they are', async () => {
  const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');
  const keys = [printable, 'NULL', '\\N', '{}', '"', '\\', ' '];
  const balance = { available: 0n, held: 0n, monthly: 0n, promo: 0n, refund: 0n, purchased: 0n };
  for (const [revision, key] of keys.entries()) {
    const event = { ...charged, runId: RunId.of(`run-${revision}`), model: key, draws: [], total: 0n };
    const metadata = encodeMetadata({ principal: key, key, bodyHash: key, balance });
    await lab.store.append('wallet-u-1', [{ id: randomUUID(), ...encodeEvent(event), metadata }], {
      expected: revision === 0 ? 'no_stream' : revision - 1,
    });
  }
  lab.run({ projections: [promptRuns, commandOutcomes] });
  await lab.caughtUp(['prompt-runs', 'command-outcomes']);
  const asked = {
    stream: 'wallet-u-1',
    upTo: keys.length,
    keys: keys.map((key) => ({ principal: key, key })),
    ids: [],
  };
  const found = await lookUpPast(lab.pool, [asked]);
  const answers = found!.value.keys.map(({ principal, key, bodyHash }) => [principal, key, bodyHash]);
  expect(new Set(answers.map(String))).toEqual(new Set(keys.map((key) => String([key, key, key]))));
  const models = (await topModels(lab.pool, 100)).value.map(({ model }) => model);
  expect(new Set(models)).toEqual(new Set(keys));
});

test('the hot queries find their rows by index', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 9, users: 20 });
  await traffic.openAll(1_000_000_000n);
  await traffic.charge(2_000);
  lab.run({ windowEventsMax: 2_000 });
  await lab.caughtUp();
  await lab.owner.query('analyze');
  // So few rows would be scanned whole; what counts is that an index can be used.
  await lab.owner.query('set enable_seqscan = off');
  const plan = async (file: string, values: readonly string[] = []): Promise<string> => {
    const sql = readFileSync(join(import.meta.dirname, '../../projections', file), 'utf8');
    const text = sql.replace(/\$(\d)/g, (name, digit: string) => values[Number(digit) - 1] ?? name);
    const { rows } = await lab.owner.query<{ 'QUERY PLAN': string }>(`explain (generic_plan) ${text}`);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  };
  const wallet = await plan('balances/read-wallet.sql');
  expect(wallet).toMatch(/wallets_pkey/);
  expect(wallet).toMatch(/lots_pkey/);
  expect(wallet).toMatch(/holds_pkey/);
  expect(wallet).not.toMatch(/Seq Scan on (wallets|lots|holds|paid_periods)/);
  expect(await plan('balances/list-lots.sql')).not.toMatch(/Seq Scan on (lots|holds)/);
  expect(await plan('prompt-runs/read-run.sql')).toMatch(/prompt_runs_pkey/);
  expect(
    await plan('transactions/list-transactions.sql', [`'u-1'`, 'null', 'null', 'null', 'null', '5']),
  ).toMatch(/Index Scan Backward using transactions_pkey/);
  const past = await plan('command-outcomes/look-up-past.sql');
  expect(past).toMatch(/outcomes_by_key[^]*used_ids_by_id/);
  expect(past).not.toMatch(/Seq Scan on (outcomes|used_ids)/);
});

test('a single event on an idle ledger is readable at once', async () => {
  const traffic = new LedgerTraffic(lab.store, { seed: 10, users: 1 });
  await traffic.openAll(1_000_000_000n);
  const stopping = new AbortController();
  const { ended } = runProjections({
    url: lab.url,
    store: lab.store,
    projections: ALL_PROJECTIONS,
    log: SILENT,
    signal: stopping.signal,
  });
  await lab.caughtUp();
  const delaysMs: number[] = [];
  for (let i = 0; i < 10; i++) {
    const started = performance.now();
    await traffic.charge(1);
    await lab.caughtUp();
    delaysMs.push(performance.now() - started);
  }
  stopping.abort();
  await ended;
  const median = delaysMs.sort((a, b) => a - b)[5]!;
  process.stdout.write(
    `projections: one event is in every view after ${median.toFixed(0)} ms (median of 10)\n`,
  );
  // 50 ms on a machine with nothing else to do.
  expect(median).toBeLessThan(500);
}, 30_000);
