import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '#apps/cli/project-root.js';
import { type CommandRun, childEnv, runLedger, withDataDir, withServer } from '#test/load/ledger-command.js';
import { buildProgram } from '#test/support/build.js';
import { get } from '#test/support/http.js';
import { ALL_PROJECTIONS } from '#projections/all.js';

const MINUTE_MS = 60_000;
const { version } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
  version: string;
};

beforeAll(buildProgram, 2 * MINUTE_MS);

const ledger = (...args: string[]): Promise<CommandRun> => runLedger(args, { env: {} });

test(
  'the command of the checkout shows every command with a line',
  async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(PROJECT_ROOT, 'scripts', 'ledger.mjs'), '--help'],
      { env: childEnv({}) },
    );
    for (const command of [
      'demo',
      'import-usage',
      'rebuild',
      'rate-cards',
      'payouts',
      'policies',
      'plans',
      'what-if',
      'dlq',
    ]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b.* {2}\\w.{20,}`, 'm'));
    }
  },
  MINUTE_MS,
);

test('the version is that of the package', async () => {
  expect(await ledger('--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
});

test("a command's help names its options with their defaults", async () => {
  const { code, stdout } = await ledger('import-usage', '--help');
  expect(code).toBe(0);
  for (const [option, value] of [
    ['--users', '100'],
    ['--creators', '10'],
    ['--creator-fee', '1000'],
    ['--models', 'gpt-3.5-turbo,gpt-4'],
    ['--plan', 'auto'],
    ['--credits', '1000000000'],
  ]) {
    expect(stdout).toMatch(new RegExp(`${option} <[^]*?\\(default:\\s+${value}\\)`));
  }
});

test.each([
  [['frobnicate'], "unknown command 'frobnicate'"],
  [['rebuild', 'no-such-view'], 'There is no read model "no-such-view". Expected one of balances,'],
  [['demo', '--frobnicate'], "unknown option '--frobnicate'"],
])('%j is wrong usage', async (args, message) => {
  const { code, stdout, stderr } = await ledger(...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});

test('configuration that cannot be used is named', async () => {
  const { code, stderr } = await runLedger(['demo', '--exit'], { env: { PORT: 'http' } });
  expect(code).toBe(2);
  expect(stderr).toContain('PORT: "http" was given, expected a whole number');
});

test(
  'rate-cards starts a ledger to list its cards, for people and for programs',
  async () => {
    await withDataDir(async (dataDir) => {
      const env = { DATA_DIR: dataDir, PORT: '0' };
      const { code, stdout } = await runLedger(['rate-cards'], { env });
      expect(code).toBe(0);
      expect(stdout).toMatch(/claude-3-opus +\$15\.00 +\$75\.00 +\$1\.50 +\$18\.75/);
      expect(stdout).toMatch(/gpt-4 +\$30\.00 +\$60\.00 +as input +as input/);
      expect(stdout).toContain('claude-3-opus-200k is priced as claude-3-opus');
      const json = await runLedger(['rate-cards', '--json'], { env });
      expect(JSON.parse(json.stdout)).toMatchObject({
        pricing: { policy: 'three-part-v1', rateCard: 'standard', version: 1 },
        rateCards: [
          { id: 'standard', version: 1, status: 'in_force' },
          { id: 'token-rates-2024', version: 1, status: 'in_force' },
        ],
      });
    });
  },
  2 * MINUTE_MS,
);

test(
  'demo --exit prints a balanced statement; the next one finds it all there',
  async () => {
    await withDataDir(async (dataDir) => {
      const env = { DATA_DIR: dataDir, PORT: '0' };
      const first = await runLedger(['demo', '--exit'], { env });
      expect([first.code, first.stderr]).toEqual([
        0,
        expect.stringContaining('2,000 / 2,000 rows') as unknown,
      ]);
      expect(first.stdout).toContain('2,000 runs: 2,000 charged now, 0 already there');
      expect(first.stdout).toMatch(/sum of all accounts +0 \(balanced\)/);
      expect(existsSync(join(dataDir, 'engine.json'))).toBe(false);
      const second = await runLedger(['demo', '--exit'], { env });
      expect(second.code).toBe(0);
      expect(second.stdout).toContain('2,000 runs: 0 charged now, 2,000 already there');
      const total = /charged in all +([\d,]+)/;
      expect(total.exec(second.stdout)?.[1]).toBe(total.exec(first.stdout)?.[1]);
    });
  },
  2 * MINUTE_MS,
);

test(
  'demo leaves the server open until Ctrl-C, and rebuild works beside it',
  async () => {
    await withDataDir(async (dataDir) => {
      const env = { DATA_DIR: dataDir, PORT: '0' };
      let stop: () => void = () => undefined;
      const open = new Promise<string>((resolve) => {
        void runLedger(['demo'], {
          env,
          onStdout: (text, child) => {
            const address = /stays open at (\S+)\. Ctrl-C/.exec(text)?.[1];
            if (address === undefined) return;
            stop = () => child.kill('SIGINT');
            resolve(address);
          },
        }).then((run) => (ended = run));
      });
      let ended: CommandRun | undefined;
      const url = await open;
      expect((await get(url, '/health/live')).status).toBe(200);
      const before = await get(url, '/api/ledger/trial-balance');
      const rebuilt = await runLedger(['rebuild', 'all'], { env });
      expect([rebuilt.code, rebuilt.stdout.trimEnd().split('\n').length]).toEqual([
        0,
        ALL_PROJECTIONS.length,
      ]);
      expect(rebuilt.stdout).toMatch(/^journal: rebuilt from [\d,]+ events in/m);
      expect((await get(url, '/api/ledger/trial-balance')).body).toEqual(before.body);
      const beside = await runLedger(['demo'], { env });
      expect(beside.stdout).toContain(`runs on this data folder already, at ${url}`);
      expect(beside.stdout).toContain('2,000 already there');
      stop();
      while (ended === undefined) await new Promise((next) => setTimeout(next, 20));
      expect(ended.code).toBe(0);
      expect(existsSync(join(dataDir, 'engine.json'))).toBe(false);
    });
  },
  2 * MINUTE_MS,
);

test(
  'a port that is taken is named, with the way out',
  async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      await withDataDir(async (dataDir) => {
        const { code, stderr } = await runLedger(['demo', '--exit'], {
          env: { DATA_DIR: dataDir, PORT: String(port) },
        });
        expect(code).toBe(2);
        expect(stderr).toContain(`Port ${port} of 127.0.0.1 is taken`);
        expect(stderr).toContain('Set PORT to a free one');
        expect(existsSync(join(dataDir, 'engine.json'))).toBe(false);
      });
    } finally {
      other.close();
    }
  },
  MINUTE_MS,
);

test(
  'rebuild starts the engine for it when none runs',
  async () => {
    await withDataDir(async (dataDir) => {
      await withServer(dataDir, async () => undefined);
      const run = await runLedger(['rebuild', 'balances'], { env: { DATA_DIR: dataDir } });
      expect([run.code, run.stdout]).toEqual([
        0,
        // A new log has the shipped rate cards, policy and plans in it.
        expect.stringMatching(/^balances: rebuilt from 4 events/) as unknown,
      ]);
    });
  },
  MINUTE_MS,
);
