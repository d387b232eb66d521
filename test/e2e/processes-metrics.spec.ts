import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';
import { metricsIn, queries } from '#test/docker/docker-files.js';
import { get, post } from '#test/support/http.js';
import type { LedgerProcess } from '#test/support/ledger-process.js';
import { chargeBatch, openWallets, useDatabase } from './processes.js';
import { LABELS, metricsReference } from './metrics-reference.js';
import { scrape, until, untilReady, valueOf, WATCHED } from './watching.js';

const REFERENCE = join(PROJECT_ROOT, 'docs', 'reference', 'metrics.md');
const USERS = 40;
const START_MS = 60_000;
/** Of one metric: types of commands times results times buckets is the most there can be. */
const SERIES_MAX = 500;

describe('a process with every role', () => {
  const database = useDatabase();
  let ledger: LedgerProcess;
  let text: string;

  beforeAll(async () => {
    ledger = await database.start(WATCHED);
    await openWallets(ledger.url, USERS);
    const creatorOf = (i: number) => ({ creatorId: `creator-${i}`, creatorFee: '1000' });
    await chargeBatch(ledger.url, { batch: 0, size: USERS, users: USERS, creatorOf });
    await untilReady(ledger);
    // Behind the last charge, so that nothing waits any more.
    await until(
      () => get(ledger.url, `/api/creators/creator-${USERS - 1}/earnings`),
      ({ body }) => body['earned'] === '800',
    );
    text = await (await fetch(`${ledger.metricsUrl}/metrics`)).text();
  }, START_MS);

  test('counts commands by type and result, over both threads', async () => {
    const charge = { userId: 'u0', runId: 'run-x', model: 'deepseek', inputTokens: 1, outputTokens: 1 };
    const before = await scrape(ledger);
    await post(ledger.url, '/api/credits/charge-prompt', charge, 'key-x');
    await post(ledger.url, '/api/credits/charge-prompt', charge, 'key-x');
    await post(ledger.url, '/api/credits/charge-prompt', { ...charge, userId: 'nobody' });
    const after = await scrape(ledger);
    const counted = (result: string): number =>
      (valueOf(after, 'ledger_command_duration_seconds_count', { command: 'ChargePrompt', result }) ?? 0) -
      (valueOf(before, 'ledger_command_duration_seconds_count', { command: 'ChargePrompt', result }) ?? 0);
    expect([counted('done'), counted('replayed'), counted('refused')]).toEqual([1, 1, 1]);
    // Settlement runs on the other thread.
    const settled = { command: 'SettleSources', result: 'done' };
    expect(valueOf(after, 'ledger_command_duration_seconds_count', settled)).toBeGreaterThan(0);
    const threads = new Set(
      after.filter(({ name }) => name === 'ledger_heap_bytes').map(({ labels }) => labels['thread']),
    );
    expect(threads).toEqual(new Set(['main', 'background']));
  });

  test('says that the books are in balance, that views have caught up and which version runs', async () => {
    await until(
      () => scrape(ledger),
      (samples) => valueOf(samples, 'ledger_trial_balance_credits') === 0,
    );
    const samples = await until(
      () => scrape(ledger),
      (all) => valueOf(all, 'ledger_projection_behind_positions', { view: 'balances' }) === 0,
    );
    expect(valueOf(samples, 'ledger_projection_behind_seconds', { view: 'balances' })).toBe(0);
    expect(valueOf(samples, 'ledger_role_leading', { role: 'settlement' })).toBe(1);
    expect(valueOf(samples, 'ledger_build_info')).toBe(1);
  });

  test('every metric that an alert or a panel asks for is one that it has', () => {
    const known = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const missing = queries.flatMap(([who, expr]) =>
      metricsIn(expr)
        .filter((name) => !known.has(name))
        .map((name) => `${who}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  test('labels are of few values, and none is an id of a user, a creator or a run', async () => {
    const samples = await scrape(ledger);
    const ids = samples.filter(({ labels }) =>
      Object.values(labels).some((value) => /^(u\d+|creator-\d+|run-.*|nobody|key-x)$/.test(value)),
    );
    expect(ids).toEqual([]);
    const ours = samples.filter(({ name }) => name.startsWith('ledger_'));
    const unknown = ours.flatMap(({ labels }) => Object.keys(labels).filter((label) => !(label in LABELS)));
    expect(unknown).toEqual([]);
    const series = new Map<string, number>();
    for (const { name } of samples) series.set(name, (series.get(name) ?? 0) + 1);
    expect([...series].filter(([, count]) => count > SERIES_MAX)).toEqual([]);
  });

  test('docs/reference/metrics.md describes exactly these (npm run docs:metrics writes it)', () => {
    const expected = metricsReference(text);
    if (process.env['WRITE_METRICS_REFERENCE'] === 'yes') writeFileSync(REFERENCE, expected);
    expect(readFileSync(REFERENCE, 'utf8')).toBe(expected);
  });

  test('answers on its port what it should and nothing else', async () => {
    const status = async (path: string, init?: RequestInit): Promise<number> =>
      (await fetch(`${ledger.metricsUrl}${path}`, init)).status;
    expect(await status('/health/live')).toBe(200);
    expect(await status('/metrics', { method: 'HEAD' })).toBe(200);
    expect(await status('/metrics', { method: 'POST', body: 'x' })).toBe(405);
    expect(await status('/api/wallets')).toBe(404);
    // What users reach has health, and no metrics.
    expect((await fetch(`${ledger.url}/health/ready`)).status).toBe(200);
    expect((await fetch(`${ledger.url}/metrics`)).status).toBe(404);
  });
});
