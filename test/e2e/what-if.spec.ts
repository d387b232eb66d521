import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CommandContext } from '#apps/cli/context.js';
import { CliError, EXIT } from '#apps/cli/failure.js';
import { buildProgram } from '#apps/cli/program.js';
import { loadConfig } from '#libs/platform/config.js';
import type { HttpClient, Json } from './http-client.js';
import { done, useLedger } from './support.js';

const ledger = useLedger();
let http: HttpClient;
let folder: string;
beforeAll(async () => {
  http = ledger.http;
  folder = await mkdtemp(join(tmpdir(), 'what-if-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const FAR = '2099-01-01T00:00:00.000Z';

/** Settlement works behind the charges: once it is through, the head of the log stays where it is. */
async function settled(): Promise<void> {
  const charged = `${ledger.store.logId}-${await ledger.store.head()}`;
  for (let round = 0; round < 200; round++) {
    const { json } = await http.get(`/api/ledger/trial-balance?minPosition=${charged}`);
    const accounts = json['accounts'] as unknown as readonly { account: string; balance: string }[];
    const balanceOf = (name: string) => accounts.find(({ account }) => account === name)?.balance ?? '0';
    if (balanceOf('clearing:creator:c-1') === '0' && balanceOf('creator:c-1:payable') !== '0') return;
    await sleep(50);
  }
  throw new Error('The creator was not settled within 10 s');
}

/** The answer; it holds everything that was written before. */
async function whatIf(body: object): Promise<Json> {
  const head = `${ledger.store.logId}-${await ledger.store.head()}`;
  const answer = await http.post('/api/pricing/what-if', { body });
  expect([answer.status, answer.json['asOf']]).toMatchObject([200, { position: head }]);
  return answer.json;
}

/** The command line in this process, against the ledger of this file. */
async function cli(
  ...args: string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly error: string }> {
  let stdout = '';
  const context: CommandContext = {
    config: () => loadConfig({ LEDGER_URL: http.url }),
    stdout: { write: (text: string) => void (stdout += text) },
    stderr: { write: () => undefined },
    signal: new AbortController().signal,
    exitCode: EXIT.ok,
  };
  try {
    await buildProgram(context).parseAsync(args, { from: 'user' });
    return { code: context.exitCode, stdout, error: '' };
  } catch (error) {
    if (error instanceof CliError) return { code: error.exitCode, stdout, error: error.message };
    throw error;
  }
}

const run = (userId: string, runId: string, more: object = {}) => ({
  userId,
  runId,
  model: 'gpt-4',
  inputTokens: 1_000,
  outputTokens: 500,
  purpose: 'run',
  ...more,
});

beforeAll(async () => {
  for (const [userId, plan] of [
    ['u-pro', 'PRO'],
    ['u-elite', 'ELITE'],
    ['u-free', 'FREE'],
  ]) {
    await done(http, '/api/wallets', { userId, plan });
    const purchase = { userId, amount: '5000000', kind: 'purchased', reference: `pay-${userId}` };
    await done(http, '/api/credits/add', purchase);
  }
  const charge = (body: object) => done(http, '/api/credits/charge-prompt', body);
  await charge(run('u-pro', 'r-1'));
  await charge(run('u-pro', 'r-2', { creatorId: 'c-1', creatorFee: '1003' }));
  await charge(run('u-pro', 'r-3', { byok: true }));
  await charge(run('u-elite', 'r-1', { model: 'claude-3-opus', creatorId: 'c-1', creatorFee: '7' }));
  await charge(run('u-elite', 'r-2', { ranAt: '2026-01-15T00:00:00Z' }));
  await charge(run('u-free', 'r-1', { model: 'deepseek', inputTokens: 40_000 }));
  await charge(run('u-free', 'r-2', { model: 'deepseek' }));
  await done(http, '/api/credits/refunds', {
    userId: 'u-free',
    runId: 'r-2',
    refundId: 'f-1',
    reason: 'error',
  });
  await done(http, '/api/credits/refunds', {
    userId: 'u-pro',
    runId: 'r-1',
    refundId: 'f-1',
    amount: '20000',
    reason: 'quality',
  });
  await done(http, '/api/plans/change', { userId: 'u-free', plan: 'PRO' });
  await charge(run('u-free', 'r-3', { model: 'gpt-3.5-turbo' }));
  await settled();
});

describe('what-if over HTTP', () => {
  test('before is what the books say', async () => {
    const { total } = await whatIf({ policy: 'graduated-v2' });
    const books = await http.get('/api/ledger/trial-balance');
    const accounts = new Map(
      (books.json['accounts'] as unknown as readonly { account: string; balance: string }[]).map((each) => [
        each.account,
        BigInt(each.balance),
      ]),
    );
    const balance = (...names: string[]): string =>
      names.reduce((sum, name) => sum + (accounts.get(name) ?? 0n), 0n).toString();
    expect(total!['before']).toMatchObject({
      inference: balance('revenue:inference'),
      markup: balance('revenue:markup'),
      byokFee: balance('revenue:byok'),
      platformShare: balance('revenue:creator_fee_share'),
      creatorsIncome: balance('clearing:creator:c-1', 'creator:c-1:payable'),
    });
    expect(total!['runs']).toBe(8);
  });

  test.each([
    { policy: 'three-part-v1' },
    { rateCard: { id: 'standard', version: 1 } },
    { planTable: { id: 'standard' } },
    { policy: 'three-part-v1', rateCard: { id: 'standard' }, planTable: { id: 'standard', version: 1 } },
  ])('the very terms of the runs change nothing: %j', async (body) => {
    const { total, byModel, byPlan, byUser, refused } = await whatIf(body);
    expect(refused).toEqual([]);
    for (const line of [total!, ...byModel!, ...byPlan!, ...byUser!])
      expect(line['after']).toEqual(line['before']);
  });

  test('by model, by the plan at the time of each run, and by user', async () => {
    const { byModel, byPlan, byUser, otherUsers } = await whatIf({ policy: 'graduated-v2' });
    const runs = (list: Json, name: string) =>
      (list as unknown as Json[]).map((line) => [line[name], line['runs']]);
    expect(runs(byModel!, 'model')).toEqual([
      ['claude-3-opus', 1],
      ['deepseek', 2],
      ['gpt-3.5-turbo', 1],
      ['gpt-4', 4],
    ]);
    // The user who began on FREE and went to PRO is in both.
    expect(runs(byPlan!, 'plan')).toEqual([
      ['ELITE', 2],
      ['FREE', 2],
      ['PRO', 4],
    ]);
    expect(
      runs(byUser!, 'userId')
        .map(([userId]) => userId)
        .sort(),
    ).toEqual(['u-elite', 'u-free', 'u-pro']);
    expect(otherUsers).toMatchObject({ users: 0, runs: 0 });
  });

  test('a span goes by when runs took place', async () => {
    const { total } = await whatIf({
      policy: 'graduated-v2',
      from: '2026-01-15T00:00:00Z',
      to: '2026-01-15T00:00:01Z',
    });
    expect(total!['runs']).toBe(1);
  });

  test('models that the other card does not price are listed, never free', async () => {
    const { refused, total } = await whatIf({ rateCard: { id: 'token-rates-2024' } });
    expect(refused).toMatchObject([
      { code: 'model.unpriced', model: 'claude-3-opus', plan: 'ELITE', runs: 1 },
    ]);
    expect(total!['runs']).toBe(7);
  });

  test('it writes nothing', async () => {
    const before = await ledger.store.head();
    await whatIf({ policy: 'token-credits-v0' });
    expect(await ledger.store.head()).toBe(before);
  });

  test.each([
    [{}, 'policy'],
    [{ policy: 'three-part-v2' }, 'policy'],
    [{ rateCard: 'standard' }, 'rateCard'],
    [{ rateCard: { version: 1 } }, 'rateCard.id'],
    [{ rateCard: { id: 'standard', version: 0 } }, 'rateCard.version'],
    [{ rateCard: { id: 'standard', version: '1' } }, 'rateCard.version'],
    [{ rateCard: { id: 'standard', more: 1 } }, 'rateCard.more'],
    [{ planTable: { id: 'no-such-table' } }, 'planTable'],
    [{ policy: 'graduated-v2', from: '2026-01-02T00:00:00Z', to: '2026-01-02T00:00:00Z' }, 'to'],
    [{ policy: 'graduated-v2', from: 'yesterday' }, 'from'],
    [{ policy: 'graduated-v2', userId: 'u-pro' }, 'userId'],
  ])('%j is refused, naming %s', async (body, field) => {
    const answer = await http.post('/api/pricing/what-if', { body });
    expect([answer.status, answer.json['code']]).toEqual([400, 'request.invalid']);
    expect((answer.json['errors'] as unknown as { field: string }[]).map((error) => error.field)).toContain(
      field,
    );
  });

  test.each([{ id: 'no-such-card' }, { id: 'standard', version: 99 }])(
    'card %j is not there',
    async (rateCard) => {
      const answer = await http.post('/api/pricing/what-if', { body: { rateCard } });
      expect([answer.status, answer.json['code']]).toEqual([404, 'ratecard.not_found']);
    },
  );
});

const MAP = {
  'gpt-4': { input_cost_per_token: 2.5e-5, output_cost_per_token: 6e-5, mode: 'chat' },
  'claude-3-opus': {
    input_cost_per_token: 1.5e-5,
    output_cost_per_token: 7.5e-5,
    cache_read_input_token_cost: 1.5e-6,
    cache_creation_input_token_cost: 1.875e-5,
    mode: 'chat',
  },
  'nova-2-pro': {
    input_cost_per_token: 2.1875e-6,
    output_cost_per_token: 1.75e-5,
    cache_read_input_token_cost: 5.46875e-7,
    mode: 'chat',
  },
  'dall-e-3': { output_cost_per_image: 0.04, mode: 'image_generation' },
};

describe('the command line', () => {
  const mapFile = async (name: string, map: object): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, JSON.stringify(map));
    return path;
  };

  test('rate-cards lists cards and what prices runs', async () => {
    const { code, stdout } = await cli('rate-cards');
    expect(code).toBe(0);
    expect(stdout).toMatch(/standard, version 1: prices runs now/);
    expect(stdout).toMatch(/claude-3-opus +\$15\.00 +\$75\.00 +\$1\.50 +\$18\.75/);
    expect(stdout).toMatch(/gpt-4 +\$30\.00 +\$60\.00 +as input +as input/);
    expect(stdout).toContain('claude-3-opus-200k is priced as claude-3-opus');
    expect(stdout).toContain('Runs are priced by three-part-v1 over standard.');
    const { stdout: json } = await cli('rate-cards', '--json');
    expect(JSON.parse(json)).toMatchObject({
      pricing: { policy: 'three-part-v1', rateCard: 'standard', version: 1 },
    });
  });

  test('an import shows the difference and publishes nothing', async () => {
    const head = await ledger.store.head();
    const { code, stdout } = await cli(
      'rate-cards',
      'import',
      await mapFile('map.json', MAP),
      '--id',
      'trial',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('against standard version 1, in force now');
    expect(stdout).toMatch(/nova-2-pro +\$2\.1875 +\$17\.50 +\$0\.546875 +as input/);
    expect(stdout).toMatch(/gpt-4 +input +\$30\.00 +-> +\$25\.00 +-16\.7 %/);
    expect(stdout).toContain('removed, no price any more: 7');
    expect(stdout).toContain('unchanged: 1');
    expect(stdout).toContain('skipped, has no price for tokens (image_generation): dall-e-3');
    expect(stdout).toContain('Run the same again with --yes');
    expect(await ledger.store.head()).toBe(head);
  });

  test('with --yes it is published, and what-if prices by it before it is in force', async () => {
    const path = await mapFile('map.json', MAP);
    const { code, stdout } = await cli(
      ...['rate-cards', 'import', path, '--id', 'trial', '--keep', '--effective-from', '2099-01-01', '--yes'],
    );
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining(`Published: rate card trial version 1, in force from ${FAR} on.`),
    ]);
    expect(stdout).toContain('ledger policies activate three-part-v1 --rate-card trial');
    const { total, refused } = await whatIf({ rateCard: { id: 'trial' } });
    expect(refused).toEqual([]);
    // Three gpt-4 runs on the ledger's key, 5,000 less each; of one, 20,000 of 66,000 is refunded: 18,333 of 60,500.
    const inference = (side: 'before' | 'after'): bigint => BigInt(String(total![side]['inference']));
    expect(inference('before') - inference('after')).toBe(5_000n + 5_000n + (41_819n - 38_334n));
    const text = await cli('what-if', '--rate-card', 'trial@1');
    expect(text.stdout).toMatch(/8 runs of 3 users of all time, priced again with rate card trial version 1/);
    expect(text.stdout).toMatch(/ {2}revenue +\$\d.*\$\d.*-\$/);
    const { stdout: json } = await cli('what-if', '--rate-card', 'trial', '--json');
    expect(JSON.parse(json)).toMatchObject({
      terms: { rateCard: { id: 'trial', version: 1 } },
      total: { runs: 8 },
    });
  });

  test('a price that is not whole is refused by name, and nothing is published', async () => {
    const path = await mapFile('fine.json', {
      ...MAP,
      fine: { input_cost_per_token: 1e-13, output_cost_per_token: 1e-6 },
    });
    const { code, stdout } = await cli('rate-cards', 'import', path, '--id', 'trial', '--yes');
    expect(code).toBe(1);
    expect(stdout).toContain('REFUSED: fine input_cost_per_token 1e-13 is not whole');
    expect(stdout).toContain('Nothing was published');
    const left = await cli('rate-cards', 'import', path, '--id', 'trial', '--without', 'fine', '--json');
    expect([left.code, JSON.parse(left.stdout)]).toMatchObject([0, { rateCard: 'trial', refused: [] }]);
  });

  test('policies and plan tables are published, and refused by field', async () => {
    const activated = await cli(
      ...['policies', 'activate', 'graduated-v2', '--rate-card', 'standard', '--byok-fee', '250'],
      ...['--effective-from', '2099-01-01'],
    );
    expect(activated.stdout).toBe(
      `Runs are priced by graduated-v2 over rate card standard from ${FAR} on, 2.5 % of inference on own keys.\n`,
    );
    const soon = await cli(
      'policies',
      'activate',
      'graduated-v2',
      '--rate-card',
      'standard',
      '--effective-from',
      '2020-01-01',
    );
    expect([soon.code, soon.error]).toEqual([1, expect.stringContaining('effectiveFrom must be')]);
    const plans = (await http.get('/api/plans')).json['inForce'] as unknown as {
      plans: Record<string, object>;
    };
    const path = await mapFile('plans.json', {
      ...plans,
      plans: { ...plans.plans, PRO: { ...plans.plans['PRO'], byok: false } },
    });
    const published = await cli(
      'plans',
      'publish',
      path,
      '--table',
      'leaner',
      '--effective-from',
      '2099-01-01',
    );
    expect(published.stdout).toBe(`Plan table leaner version 1 is in force from ${FAR} on.\n`);
    const { refused } = await whatIf({ planTable: { id: 'leaner' } });
    expect(refused).toMatchObject([{ code: 'plan.byok_not_included', model: 'gpt-4', plan: 'PRO', runs: 1 }]);
  });
});
