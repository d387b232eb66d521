import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';
import type { Summary } from '#apps/cli/import-usage/tally.js';
import { checkBooks, expectedOfTrace, expectedOfUsage } from '#test/load/import-check.js';
import { killAndImport, momentIn, problemsOf } from '#test/load/import-trace.js';
import {
  type CommandRun,
  lastJson,
  type RunningServer,
  runLedger,
  withDataDir,
  withServer,
} from '#test/load/ledger-command.js';
import { buildProgram } from '#test/support/build.js';
import { get } from '#test/support/http.js';

/** kill -9 in the middle and again: so often here, ten times with the whole trace before a release. */
const KILLS = 3;
const SAMPLE = join(PROJECT_ROOT, 'examples', 'usage-sample.csv');
const HEADER = 'time,runId,userId,promptId,creatorId,creatorFee,model,inputTokens,outputTokens';
const MINUTE_MS = 60_000;

let folder: string;
beforeAll(async () => {
  await buildProgram();
  folder = mkdtempSync(join(tmpdir(), 'promptflow-e2e-import-'));
}, 2 * MINUTE_MS);
afterAll(() => rmSync(folder, { recursive: true }));

/** Work with a ledger of its own that runs, on a data folder of its own. */
const withLedger = <T>(work: (server: RunningServer, dataDir: string) => Promise<T>): Promise<T> =>
  withDataDir((dataDir) => withServer(dataDir, (server) => work(server, dataDir)));

let files = 0;
/** A usage file in a folder of its own, where its rejects file will be too. */
function usageFile(text: string): { readonly path: string; readonly cwd: string } {
  const cwd = join(folder, String(files++));
  mkdirSync(cwd);
  const path = join(cwd, 'usage.csv');
  writeFileSync(path, text);
  return { path, cwd };
}

const summaryOf = (run: CommandRun): Summary => lastJson<Summary>(run);
const importJson = (
  path: string,
  url: string,
  more: { readonly cwd?: string; readonly args?: string[] } = {},
) =>
  runLedger(['import-usage', path, '--json', '--url', url, ...(more.args ?? [])], {
    env: {},
    ...(more.cwd === undefined ? {} : { cwd: more.cwd }),
  });

test(
  'the sample is charged once, however often it is imported, and adds up',
  async () => {
    const expected = expectedOfUsage(readFileSync(SAMPLE, 'utf8'));
    await withLedger(async (server, dataDir) => {
      const first = await importJson(SAMPLE, server.url);
      const books = await checkBooks(server);
      expect(problemsOf(first, summaryOf(first), books, expected)).toEqual([]);
      expect(summaryOf(first)).toMatchObject({ rows: 2_000, charged: 2_000, alreadyCharged: 0 });
      // Without --url the engine that runs on the data folder is found.
      const again = await runLedger(['import-usage', SAMPLE, '--json'], { env: { DATA_DIR: dataDir } });
      expect(again.code).toBe(0);
      expect(summaryOf(again)).toEqual({
        ...summaryOf(first),
        charged: 0,
        alreadyCharged: 2_000,
        seconds: expect.any(Number) as unknown,
      });
      expect((await checkBooks(server)).events).toBe(books.events);
    });
  },
  2 * MINUTE_MS,
);

test(
  'the Azure form is dealt and priced as its rules say; CRLF, fractions of a second, no last line end',
  async () => {
    const rows = Array.from({ length: 450 }, (_, i) => {
      const second = String(i % 60).padStart(2, '0');
      return `2023-11-16 18:${String(Math.floor(i / 60)).padStart(2, '0')}:${second}.6805900,${(i * 37) % 5_000},${(i * 11) % 900}`;
    });
    const text = ['TIMESTAMP,ContextTokens,GeneratedTokens', ...rows].join('\r\n');
    const { path } = usageFile(text);
    const prefix = createHash('sha256').update(text).digest('hex').slice(0, 12);
    await withLedger(async (server) => {
      const run = await importJson(path, server.url);
      expect(problemsOf(run, summaryOf(run), await checkBooks(server), expectedOfTrace(text))).toEqual([]);
      const { body } = await get(server.url, '/api/credits/balance?userId=u-49');
      const lots = body['lots'] as { kind: string; original: string; paymentId?: string }[];
      expect(lots.find(({ kind }) => kind === 'purchased')).toMatchObject({
        original: '1000000000',
        paymentId: `import-${prefix}-u-49`,
      });
      const other = await importJson(path, server.url, { args: ['--creator-fee', '999'] });
      expect([other.code, summaryOf(other)]).toMatchObject([
        1,
        { charged: 0, alreadyCharged: 225, differs: 225 },
      ]);
    });
  },
  2 * MINUTE_MS,
);

test(
  'rows that cannot be charged are told apart, kept in a file, and hold up nothing',
  async () => {
    const at = '2026-11-03T08:00:00.000Z';
    const good = usageFile(`${HEADER}\n${at},run-1,ada,,,,gpt-4,1000,500\n${at},run-2,ada,,,,gpt-4,10,5\n`);
    const bad = usageFile(
      [
        HEADER,
        `${at},run-1,ada,,,,gpt-4,1000,500`,
        `${at},run-2,ada,,,,gpt-4,10,6`,
        `${at},run-3,ada,,,,gpt-9,10,5`,
        `${at},run-4,poor,,,,deepseek,1000000,1000000`,
        `${at},run-5,poor,,,7,gpt-4,10,5`,
        `2099-01-01T00:00:00Z,run-6,ada,,,,gpt-4,10,5`,
        `${at},=run-7,ada,,,,gpt-4,10,5`,
        'not,a,row',
        `${at},"run-8",ada,,ada,9,gpt-4,10,5`,
      ].join('\n'),
    );
    await withLedger(async ({ url }) => {
      expect((await importJson(good.path, url, good)).code).toBe(0);
      expect(existsSync(join(good.cwd, 'usage.csv.rejects.csv'))).toBe(false);
      const run = await importJson(bad.path, url, {
        cwd: bad.cwd,
        args: ['--plan', 'FREE', '--credits', '1'],
      });
      expect(run.code).toBe(1);
      expect(summaryOf(run)).toMatchObject({
        rows: 9,
        charged: 1,
        alreadyCharged: 1,
        differs: 1,
        refused: 4,
        malformed: 2,
      });
      const [header, ...lines] = readFileSync(join(bad.cwd, 'usage.csv.rejects.csv'), 'utf8')
        .trimEnd()
        .split('\n');
      expect(header).toBe(`line,kind,reason,${HEADER}`);
      const kinds = lines.map((line) => line.split(/[,:]/).slice(0, 3));
      expect(kinds.sort()).toEqual([
        ['3', 'differs', expect.stringContaining('request.id_reused') as unknown],
        ['4', 'refused', expect.stringContaining('model.unpriced') as unknown],
        ['5', 'refused', expect.stringContaining('wallet.insufficient_credits') as unknown],
        ['6', 'refused', expect.stringContaining('request.invalid') as unknown],
        ['7', 'refused', expect.stringContaining('request.invalid') as unknown],
        ['8', 'malformed', expect.stringContaining('runId must be') as unknown],
        ['9', 'malformed', expect.stringContaining('9 cells are expected') as unknown],
      ]);
      expect(lines.find((line) => line.startsWith('8,'))).toContain(",'=run-7,");
    });
  },
  2 * MINUTE_MS,
);

test(
  `kill -9 in the middle and again, ${KILLS} times: the same totals, nothing charged twice`,
  async () => {
    const sample = { file: SAMPLE, expected: expectedOfUsage(readFileSync(SAMPLE, 'utf8')) };
    for (let kill = 0; kill < KILLS; kill++) {
      const { killAtEvents, chargedBefore, problems } = await killAndImport(
        sample,
        momentIn(sample.expected),
      );
      process.stdout.write(
        `import: kill -9 at ${killAtEvents} events, with ${chargedBefore} of 2000 rows charged\n`,
      );
      expect(problems).toEqual([]);
      expect(chargedBefore).toBeLessThan(2_000);
    }
  },
  4 * MINUTE_MS,
);

describe('what cannot be run ends with code 2 and one clear message', () => {
  const nothing = 'http://127.0.0.1:9';
  test.each([
    ['no file', ['import-usage'], "missing required argument 'file'"],
    ['a file that is not there', ['import-usage', 'no-such.csv'], 'no-such.csv cannot be read'],
    ['a folder', ['import-usage', tmpdir()], 'is a folder'],
    [
      'a header of neither form',
      ['import-usage', join(PROJECT_ROOT, 'package.json')],
      'is no header of usage',
    ],
    ['a count that is none', ['import-usage', SAMPLE, '--users', '0'], 'Expected a whole number from 1'],
    [
      'an amount that is none',
      ['import-usage', SAMPLE, '--credits', '1.5'],
      'Expected a whole number of credits',
    ],
    [
      'a plan that is none',
      ['import-usage', SAMPLE, '--plan', 'GOLD'],
      'Expected auto or one of FREE, PRO, ELITE, ENTERPRISE',
    ],
    ['a model name that is none', ['import-usage', SAMPLE, '--models', 'gpt-4,,x'], 'is not a model name'],
    ['an option that is none', ['import-usage', SAMPLE, '--frobnicate'], "unknown option '--frobnicate'"],
    [
      'an address that is none',
      ['import-usage', SAMPLE, '--url', 'localhost'],
      'Expected an http:// or https:// address',
    ],
    ['a server that is not there', ['import-usage', SAMPLE, '--url', nothing], 'No ledger answers at'],
  ])('%s', async (_name, args, message) => {
    const { code, stdout, stderr } = await runLedger(args, { env: { DATA_DIR: join(folder, 'never-made') } });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect([code, stdout]).toEqual([2, '']);
    expect(existsSync(join(folder, 'never-made'))).toBe(false);
  });
});
