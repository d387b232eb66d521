import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { configurationReference, envExample } from './config-docs.js';
import { VARIABLES } from './config-variables.js';
import { ConfigurationError, loadConfig } from './config.js';

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
};

test('without any variable the embedded defaults hold', () => {
  expect(loadConfig({})).toEqual({
    port: 3000,
    host: '127.0.0.1',
    dataDir: resolve('.data'),
    databaseUrl: undefined,
    roles: ['api', 'projector', 'settlement', 'sweeper'],
    logLevel: 'info',
    creatorFeeMax: 100_000_000n,
    holdingPeriodDays: 7,
    payoutMinimum: 10_000_000n,
    planCredit: 10_000n,
    signingKey: undefined,
    ledgerUrl: undefined,
  });
});

test.each([
  [
    'CREATOR_FEE_MAX caps creator fees and unlock prices at 100,000,000 credits',
    'creatorFeeMax',
    100_000_000n,
  ],
  ['1 plan credit is 10,000 credits ($0.01)', 'planCredit', 10_000n],
  ['earnings mature after 7 days', 'holdingPeriodDays', 7],
  ['the minimum payout is $10', 'payoutMinimum', 10_000_000n],
] as const)('unless configured, %s', (_rule, name, figure) => expect(loadConfig({})[name]).toBe(figure));

test('given values are taken', () => {
  expect(
    loadConfig({
      PORT: '0',
      HOST: 'localhost',
      DATA_DIR: '/srv/x',
      DATABASE_URL: 'postgres://a:b@db/ledger',
      ROLES: 'projector, api',
      LOG_LEVEL: 'debug',
      CREATOR_FEE_MAX: '5',
      HOLDING_PERIOD_DAYS: '0',
      PAYOUT_MINIMUM: '10000',
      PLAN_CREDIT: '7',
      SIGNING_KEY: 'k'.repeat(32),
      LEDGER_URL: 'http://127.0.0.1:1',
    }),
  ).toEqual({
    port: 0,
    host: 'localhost',
    dataDir: '/srv/x',
    databaseUrl: 'postgres://a:b@db/ledger',
    roles: ['projector', 'api'],
    logLevel: 'debug',
    creatorFeeMax: 5n,
    holdingPeriodDays: 0,
    payoutMinimum: 10_000n,
    planCredit: 7n,
    signingKey: 'k'.repeat(32),
    ledgerUrl: 'http://127.0.0.1:1',
  });
});

test('an empty variable counts as absent', () => {
  expect(loadConfig({ PORT: '', DATABASE_URL: '', DATABASE_URL_FILE: '' })).toEqual(loadConfig({}));
});

test.each([
  ['PORT', '65536', /whole number from 0 to 65535/],
  ['PORT', '-1', /whole number/],
  ['PORT', '80.5', /whole number/],
  ['PORT', '0x50', /whole number/],
  ['PORT', ' 80', /whole number/],
  ['HOST', '0.0.0.0', /loopback address.*no authentication/],
  ['HOST', '::', /loopback address.*no authentication/],
  ['HOST', '127.0.0.1.example.com', /loopback/],
  ['DATABASE_URL', 'mysql://a/b', /Postgres address/],
  ['DATABASE_URL', 'postgres://db.example.com', /with a database name/],
  ['DATABASE_URL', 'not an address', /Postgres address/],
  [
    'EVENTSTORE_URL',
    'esdb://localhost:2113',
    /no adapter for it yet, events are stored in Postgres; unset it/,
  ],
  ['KAFKA_BROKERS', 'localhost:9092', /no adapter for it yet, consumers run in the process; unset it/],
  ['ROLES', 'api,notary', /list of api, projector, settlement, sweeper.*\(notary: not in this version\)/],
  ['ROLES', 'api,api', /without repetition/],
  ['ROLES', 'web', /all, or a list of/],
  ['LOG_LEVEL', 'loud', /one of fatal, error, warn/],
  ['CREATOR_FEE_MAX', '0', /1 or more/],
  ['CREATOR_FEE_MAX', '1e6', /digits only/],
  ['CREATOR_FEE_MAX', '1'.repeat(19), /at most 18/],
  ['HOLDING_PERIOD_DAYS', '366', /whole number from 0 to 365/],
  ['HOLDING_PERIOD_DAYS', '1.5', /whole number/],
  ['PAYOUT_MINIMUM', '9999', /10000 credits \(one cent\) or more/],
  ['PAYOUT_MINIMUM', '$10', /digits only/],
  ['PLAN_CREDIT', '-5', /1 or more/],
  ['SIGNING_KEY', 'short', /at least 32 random characters/],
  ['LEDGER_URL', '127.0.0.1:3000', /http:\/\/ or https:\/\//],
])('%s=%s is refused with its name, what was expected and an example', (name, value, expected) => {
  const problems = problemsOf({ [name]: value });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(new RegExp(`^${name}: `));
  expect(problems[0]).toMatch(expected);
  expect(problems[0]).toContain(`Example: ${name}=`);
});

test('all problems are named at once', () => {
  const problems = problemsOf({ PORT: 'x', ROLES: 'y', LOG_LEVEL: 'z' });
  expect(problems.map((problem) => problem.split(':')[0])).toEqual(['PORT', 'ROLES', 'LOG_LEVEL']);
});

test('a secret is never shown', () => {
  expect(problemsOf({ DATABASE_URL: 'mysql://user:hunter2@db/x' })[0]).not.toContain('hunter2');
});

describe('NAME_FILE', () => {
  const folder = mkdtempSync(join(tmpdir(), 'promptflow-config-'));
  const file = join(folder, 'url');
  afterAll(() => rmSync(folder, { recursive: true }));

  test('gives a secret by file', () => {
    writeFileSync(file, 'postgres://a:b@db/ledger\n');
    expect(loadConfig({ DATABASE_URL_FILE: file }).databaseUrl).toBe('postgres://a:b@db/ledger');
  });

  test('is refused beside the variable itself, and when it cannot be read', () => {
    expect(problemsOf({ DATABASE_URL_FILE: file, DATABASE_URL: 'postgres://a/b' })).toEqual([
      'DATABASE_URL: given both as DATABASE_URL and as DATABASE_URL_FILE. Unset one of them.',
    ]);
    expect(problemsOf({ DATABASE_URL_FILE: join(folder, 'none') })[0]).toMatch(
      /^DATABASE_URL_FILE: the file cannot be read .*Example: DATABASE_URL_FILE=/,
    );
  });
});

test('every example but those of later versions is accepted', () => {
  for (const [name, { example }] of Object.entries(VARIABLES)) {
    if (name === 'EVENTSTORE_URL' || name === 'KAFKA_BROKERS') continue;
    expect(problemsOf({ [name]: example })).toEqual([]);
  }
});

test.each([
  ['docs/reference/configuration.md', configurationReference],
  ['.env.example', envExample],
])('%s is up to date (otherwise: npm run docs:config)', (path, render) => {
  const root = join(import.meta.dirname, '..', '..');
  expect(readFileSync(join(root, path), 'utf8')).toBe(render());
});
