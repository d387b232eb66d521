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
    eventStoreUrl: undefined,
    eventStoreNamespace: undefined,
    kafka: undefined,
    metrics: undefined,
    payouts: {
      provider: 'file',
      schedule: 'none',
      approval: 'required',
      filesDir: resolve('.data', 'payouts'),
      stripe: { secretKey: undefined, apiUrl: 'https://api.stripe.com', webhookSecrets: [] },
    },
    notifications: {
      smtpUrl: undefined,
      mailFrom: 'PromptFlow <no-reply@promptflow.invalid>',
      creditsExpiringDays: 7,
      webhookAllowedHosts: [],
    },
    roles: ['api', 'projector', 'settlement', 'sweeper', 'relay', 'payout-worker', 'notification-worker'],
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
  ).toMatchObject({
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
  ['HOST', 'http://localhost', /host name or an IP address/],
  ['DATABASE_URL', 'mysql://a/b', /Postgres address/],
  ['DATABASE_URL', 'postgres://db.example.com', /with a database name/],
  ['DATABASE_URL', 'not an address', /Postgres address/],
  ['EVENTSTORE_URL', 'http://localhost:2113', /esdb:\/\/ or kurrentdb:\/\//],
  ['EVENTSTORE_NAMESPACE', 'a-b', /letters and digits/],
  ['EVENTSTORE_NAMESPACE', 'staging', /given without EVENTSTORE_URL/],
  ['KAFKA_BROKERS', 'localhost', /list of host:port/],
  ['KAFKA_BROKERS', 'a:1,a:1', /without repetition/],
  ['KAFKA_TOPIC_PREFIX', 'a/b', /letters, digits/],
  ['KAFKA_PARTITIONS', '0', /whole number from 1 to 1000/],
  ['KAFKA_TLS', 'true', /one of yes, no/],
  ['KAFKA_SASL_MECHANISM', 'gssapi', /one of plain/],
  ['KAFKA_SASL_MECHANISM', 'plain', /KAFKA_USERNAME and KAFKA_PASSWORD, expected all three/],
  ['METRICS_PORT', '-1', /whole number/],
  ['ALLOW_UNAUTHENTICATED', 'yes', /one of any-host/],
  ['SMTP_URL', 'mail.example.com', /smtp:\/\//],
  ['CREDITS_EXPIRING_DAYS', '61', /from 0 to 60/],
  ['WEBHOOK_ALLOWED_HOSTS', 'http://hooks:80', /list of host:port/],
  ['PAYOUT_PROVIDER', 'paypal', /one of file, stripe/],
  ['PAYOUT_SCHEDULE', 'hourly', /one of none, daily/],
  ['STRIPE_API_URL', 'api.stripe.com', /http:\/\//],
  ['STRIPE_SECRET_KEY', 'short', /at least 8 characters/],
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
  expect(problems[0]).toMatch(/(Example: [A-Z_]+|ALLOW_UNAUTHENTICATED)=/);
});

test('another host than loopback needs a word that strangers are kept off', () => {
  expect(loadConfig({ HOST: '0.0.0.0', ALLOW_UNAUTHENTICATED: 'any-host' }).host).toBe('0.0.0.0');
});

test('Stripe as payout provider needs its key', () => {
  expect(problemsOf({ PAYOUT_PROVIDER: 'stripe' })[0]).toMatch(/^STRIPE_SECRET_KEY: missing/);
});

test('what the brokers need is taken together', () => {
  expect(
    loadConfig({
      KAFKA_BROKERS: 'a:1, b:2',
      KAFKA_TLS: 'yes',
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_USERNAME: 'u',
      KAFKA_PASSWORD: 'p',
    }).kafka,
  ).toEqual({
    brokers: ['a:1', 'b:2'],
    topicPrefix: 'promptflow.',
    partitions: 6,
    tls: true,
    login: { mechanism: 'plain', username: 'u', password: 'p' },
  });
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

test('every example is accepted', () => {
  const examples = Object.entries(VARIABLES).map(([name, { example }]) => [name, example]);
  expect(problemsOf(Object.fromEntries(examples) as Record<string, string>)).toEqual([]);
});

test.each([
  ['docs/reference/configuration.md', configurationReference],
  ['.env.example', envExample],
])('%s is up to date (otherwise: npm run docs:config)', (path, render) => {
  const root = join(import.meta.dirname, '..', '..');
  expect(readFileSync(join(root, path), 'utf8')).toBe(render());
});
