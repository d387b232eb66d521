import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LedgerHttp } from '../http/ledger-http.js';
import { paymentIdOf } from './accounts.js';
import { importUsage } from './import-usage.js';
import { DEFAULT_USAGE_OPTIONS, type UsageOptions } from './options.js';
import { surveyUsage } from './usage-file.js';
import { FakeLedger, type Received } from './test-support/fake-ledger.js';

const HEADER = 'time,runId,userId,promptId,creatorId,creatorFee,model,inputTokens,outputTokens';
const row = (n: number, user = `u-${n % 7}`): string =>
  `2026-11-03T08:00:00.000Z,run-${n},${user},,,,gpt-4,${n + 1},10`;
const rows = (count: number): string[] => Array.from({ length: count }, (_, n) => row(n));

let ledger: FakeLedger;
let folder: string;
let http: LedgerHttp;
let rejectsPath: string;
let said: string;

beforeEach(async () => {
  ledger = await FakeLedger.start();
  http = new LedgerHttp(ledger.url, { connections: 16 });
  folder = mkdtempSync(join(tmpdir(), 'promptflow-import-'));
  rejectsPath = join(folder, 'rejects.csv');
  said = '';
});
afterEach(async () => {
  http.close();
  await ledger.stop();
  rmSync(folder, { recursive: true });
});

async function importLines(
  lines: readonly string[],
  more: {
    readonly usage?: Partial<UsageOptions>;
    readonly patienceMs?: number;
    readonly signal?: AbortSignal;
  } = {},
) {
  const path = join(folder, 'usage.csv');
  writeFileSync(path, `${lines.join('\n')}\n`);
  const usage = { ...DEFAULT_USAGE_OPTIONS, ...more.usage };
  const survey = await surveyUsage(path, usage);
  const result = await importUsage({
    path,
    survey,
    usage,
    http,
    rejectsPath,
    output: { write: (text) => (said += text) },
    signal: more.signal ?? new AbortController().signal,
    patienceMs: more.patienceMs ?? 5_000,
  });
  return { ...result, survey };
}

const bulks = (): Received[] => ledger.received.filter(({ path }) => path.endsWith('charge-prompts'));
const sentTo = (path: string): Received[] => ledger.received.filter((each) => each.path === path);

test('every row is charged; again, every row is there already and the totals are the same', async () => {
  const first = await importLines([HEADER, ...rows(1_000)]);
  expect(first.clean).toBe(true);
  expect(first.summary).toMatchObject({ rows: 1_000, charged: 1_000, alreadyCharged: 0 });
  expect(first.summary.totals.total).toBe('120000');
  const second = await importLines([HEADER, ...rows(1_000)]);
  expect(second.summary).toMatchObject({ rows: 1_000, charged: 0, alreadyCharged: 1_000 });
  expect(second.summary.totals).toEqual(first.summary.totals);
});

test('each user has a wallet and a purchase sent each time, under the same keys and the same payment id', async () => {
  const lines = [HEADER, row(1, 'ada'), row(2, 'bob'), row(3, 'ada')];
  const onPro = { usage: { plan: 'PRO' } } as const;
  const { survey } = await importLines(lines, onPro);
  await importLines(lines, onPro);
  const wallets = sentTo('/api/wallets');
  const purchases = sentTo('/api/credits/add');
  expect(wallets.map(({ body }) => body)).toEqual(
    expect.arrayContaining([
      { userId: 'ada', plan: 'PRO' },
      { userId: 'bob', plan: 'PRO' },
    ]),
  );
  expect(purchases.map(({ body }) => body)).toContainEqual({
    userId: 'ada',
    amount: '1000000000',
    kind: 'purchased',
    reference: `import-${survey.prefix}-ada`,
  });
  expect([wallets.length, purchases.length]).toEqual([4, 4]);
  expect(new Set([...wallets, ...purchases].map(({ key }) => key)).size).toBe(4);
});

test('a payment id is an id, also for the longest user id, and differs between users and files', () => {
  const long = 'x'.repeat(128);
  expect(paymentIdOf('0123456789ab', 'ada')).toBe('import-0123456789ab-ada');
  expect(paymentIdOf('0123456789ab', long)).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
  expect(paymentIdOf('0123456789ab', long)).not.toBe(paymentIdOf('0123456789ab', `${long.slice(1)}y`));
  expect(paymentIdOf('0123456789ab', long)).not.toBe(paymentIdOf('0123456789ac', long));
});

test('no purchase is sent for --credits 0, and --plan counts for this form too', async () => {
  await importLines([HEADER, row(1)], { usage: { credits: 0n, plan: 'ELITE' } });
  expect(sentTo('/api/credits/add')).toEqual([]);
  expect(sentTo('/api/wallets')[0]?.body).toEqual({ userId: 'u-1', plan: 'ELITE' });
});

test('--plan auto opens each wallet on the smallest plan that includes the models of its user', async () => {
  const runs = [
    ['ada', 'deepseek'],
    ['bob', 'gpt-4'],
    ['bob', 'deepseek'],
    ['cy', 'claude-3-opus'],
    ['di', 'deepseek'],
    ['di', 'gpt-4-32k'],
    ['eve', 'house-model'],
  ] as const;
  const lines = runs.map(([user, model], i) => row(i, user).replace(/,[^,]+(,\d+,\d+)$/, `,${model}$1`));
  await importLines([HEADER, ...lines], { usage: { plan: 'auto' } });
  expect(
    Object.fromEntries(sentTo('/api/wallets').map(({ body }) => [body['userId'], body['plan']])),
  ).toEqual({
    ada: 'FREE',
    bob: 'PRO',
    cy: 'ELITE',
    di: 'ENTERPRISE',
    eve: 'ENTERPRISE',
  });
});

test('another amount for a purchase that was made is said: it has no effect', async () => {
  await importLines([HEADER, row(1)]);
  const { clean } = await importLines([HEADER, row(1)], { usage: { credits: 5n } });
  expect(clean).toBe(true);
  expect(said).toContain('--credits 5 has no effect');
});

test("a user's rows are charged in the order of the file", async () => {
  await importLines([HEADER, ...rows(3_000)]);
  for (let user = 0; user < 7; user++) {
    const runs = ledger.chargesOf(`u-${user}`).map((run) => Number(run.slice('run-'.length)));
    expect(runs).toEqual([...runs].sort((a, b) => a - b));
  }
});

test('malformed and refused rows and those charged otherwise are told apart, and the import goes on', async () => {
  await importLines([HEADER, row(1)]);
  ledger.refusal = ({ model }) =>
    model === 'gpt-5' ? { status: 422, code: 'model.unpriced', detail: 'No price for gpt-5.' } : undefined;
  const { summary, clean, rejects } = await importLines([
    HEADER,
    row(1).replace(',2,', ',99,'),
    row(2),
    'only,three,cells',
    row(3).replace('gpt-4', 'gpt-5'),
    row(4).replace(',5,', ',=5,'),
    row(5),
  ]);
  expect(summary).toMatchObject({
    rows: 6,
    charged: 2,
    alreadyCharged: 0,
    differs: 1,
    refused: 1,
    malformed: 2,
  });
  expect(summary.totals.total).toBe('240');
  expect([clean, rejects]).toEqual([false, 4]);
  const [header, ...lines] = readFileSync(rejectsPath, 'utf8').trimEnd().split('\n');
  expect(header).toBe(`line,kind,reason,${HEADER}`);
  expect(lines.sort()).toEqual([
    expect.stringMatching(/^2,differs,request\.id_reused,2026/) as unknown,
    expect.stringMatching(/^4,malformed,"9 cells are expected .*",only,three,cells$/) as unknown,
    expect.stringMatching(/^5,refused,model\.unpriced: No price for gpt-5\.,2026/) as unknown,
    expect.stringMatching(/^6,malformed,inputTokens must be .*,'=5,10$/) as unknown,
  ]);
});

test('a run that stands in the file twice is charged once and counts once in the totals', async () => {
  const { summary } = await importLines([HEADER, row(1), row(1), row(1, 'another')]);
  expect(summary).toMatchObject({ rows: 3, charged: 2, alreadyCharged: 1 });
  expect(summary.totals.total).toBe('240');
});

describe('trouble that passes is waited out under the same keys', () => {
  /** Goes wrong the first time a request with this body comes, for requests to `path`. */
  const once = (path: string, trouble: ReturnType<FakeLedger['trouble']>): void => {
    const seen = new Set<string>();
    ledger.trouble = (request) => {
      const text = JSON.stringify([request.path, request.key, request.body]);
      if (request.path !== path || seen.has(text)) return undefined;
      seen.add(text);
      return trouble;
    };
  };

  test.each([
    ['429', { status: 429, body: { code: 'rate.limited' }, headers: { 'retry-after': '0' } }],
    ['503', { status: 503, body: { code: 'service.overloaded' } }],
    ['502 of a proxy', { status: 502, body: {} }],
    ['a connection lost before', 'drop'],
    ['a connection lost in the middle of the reply', 'cut'],
  ] as const)('%s', async (_name, trouble) => {
    for (const path of ['/api/credits/charge-prompts', '/api/wallets', '/api/credits/add']) {
      once(path, trouble);
      const { summary, clean } = await importLines([HEADER, ...rows(20)]);
      expect(clean).toBe(true);
      expect(summary.charged + summary.alreadyCharged).toBe(20);
      expect(summary.totals.total).toBe('2400');
    }
    expect(said).toContain('trying again');
    expect(ledger.runs.size).toBe(20);
  });

  test('items of a bulk without outcome are sent again, the others are not', async () => {
    const seen = new Set<string>();
    ledger.refusal = ({ runId }) => {
      if (!/[13]$/.test(runId) || seen.has(runId)) return undefined;
      seen.add(runId);
      return { status: 503, code: 'outcome.unknown' };
    };
    const { summary } = await importLines([HEADER, ...rows(10)]);
    expect(summary).toMatchObject({ charged: 10, alreadyCharged: 0, refused: 0 });
    const sent = bulks().flatMap(({ body }) => body.items!.map(({ runId }) => runId));
    expect(sent.filter((run) => run === 'run-3')).toHaveLength(2);
    expect(sent.filter((run) => run === 'run-2')).toHaveLength(1);
  });
});

test('a ledger that stays away ends the import, saying how to go on', async () => {
  ledger.trouble = ({ path }) => (path.endsWith('charge-prompts') ? 'drop' : undefined);
  await expect(importLines([HEADER, ...rows(10)], { patienceMs: 300 })).rejects.toThrow(
    'Run the same command again when it does: nothing is charged twice.',
  );
  expect(existsSync(rejectsPath)).toBe(false);
});

test('a bulk that is refused as a whole ends the import with the reason', async () => {
  ledger.trouble = ({ path }) =>
    path.endsWith('charge-prompts') ? { status: 413, body: { code: 'request.too_large' } } : undefined;
  await expect(importLines([HEADER, ...rows(10)])).rejects.toThrow('request.too_large');
});

test('a server that is something else is said to be so', async () => {
  ledger.trouble = () => ({ status: 200, body: { hello: 'world' } });
  await expect(importLines([HEADER, ...rows(10)])).rejects.toThrow('is no ledger: it names no plans');
  await expect(importLines([HEADER, ...rows(10)], { usage: { plan: 'PRO' } })).rejects.toThrow(
    'did not answer for each',
  );
});

test('an interrupted import stops soon', async () => {
  const stop = new AbortController();
  ledger.trouble = ({ path }) => {
    if (path.endsWith('charge-prompts')) stop.abort();
    return undefined;
  };
  await expect(importLines([HEADER, ...rows(5_000)], { signal: stop.signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
});

describe('a file that cannot be imported', () => {
  test.each([
    [[''], 'is empty'],
    [['a,b,c'], 'is no header of usage'],
    [[row(1)], 'is no header of usage'],
  ])('%j', async (lines, message) => {
    await expect(importLines(lines)).rejects.toThrow(message);
    await expect(importLines(lines)).rejects.toThrow('TIMESTAMP,ContextTokens,GeneratedTokens');
    expect(ledger.received).toEqual([]);
  });

  test('a header alone is an import of nothing', async () => {
    const { summary, clean } = await importLines([HEADER]);
    expect([summary.rows, clean]).toEqual([0, true]);
  });
});
