import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const RULES = join(import.meta.dirname, 'layers.mjs');
const CRUISER = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
const FOLDERS = ['libs', 'apps', 'projections'];
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

interface Cruise {
  readonly summary: { readonly violations: readonly Violation[]; readonly totalCruised: number };
}

/** Runs the rules over a checkout (or something shaped like one) in a process of its own. */
function cruise(root: string): Promise<Cruise['summary']> {
  const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const args = [CRUISER, '--config', RULES, '--output-type', 'json', ...folders];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      args,
      { cwd: root, maxBuffer: OUTPUT_BYTES_MAX, env: { ...process.env, NODE_OPTIONS: '' } },
      // The exit code counts the violations; without any output something else went wrong.
      (error, stdout, stderr) =>
        stdout === ''
          ? reject(new Error(stderr || error?.message))
          : resolve((JSON.parse(stdout) as Cruise).summary),
    );
  });
}

const said = ({ rule, from, to }: Violation): string => `${rule.name}: ${from} -> ${to}`;

test('every import points downward', async () => {
  const { violations, totalCruised } = await cruise(ROOT);
  expect(violations.map(said)).toEqual([]);
  expect(totalCruised).toBeGreaterThan(50);
}, 60_000);

test.each(FOLDERS)('every folder of %s/ has a README saying its job and who may import it', (folder) => {
  const rooms = readdirSync(join(ROOT, folder), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const without = rooms
    .map((room) => join(folder, room.name, 'README.md'))
    .filter((path) => !existsSync(join(ROOT, path)));
  expect(without).toEqual([]);
});

describe('each rule bites', () => {
  const files = new Map<string, string>();
  const imports = (path: string, ...targets: string[]): void => {
    files.set(path, targets.map((target) => `import * as _${files.size} from '${target}';\n`).join(''));
  };
  let folder: string;
  let violations: readonly string[];

  const expected: [string, string, string][] = [
    ['libs/kernel imports nothing of ours', 'libs/kernel/a.ts', 'libs/ledger/x.ts'],
    ['libs/ledger imports kernel', 'libs/ledger/a.ts', 'libs/contracts/x.ts'],
    ['libs/contracts imports ledger, kernel', 'libs/contracts/a.ts', 'libs/event-store/x.ts'],
    ['libs/event-store imports kernel', 'libs/event-store/a.ts', 'libs/ledger/x.ts'],
    ['libs/platform imports kernel', 'libs/platform/a.ts', 'libs/event-store/x.ts'],
    [
      'libs/event-store-postgres imports event-store, platform, kernel',
      'libs/event-store-postgres/a.ts',
      'libs/contracts/x.ts',
    ],
    [
      'libs/application imports ledger, contracts, event-store, kernel',
      'libs/application/a.ts',
      'libs/event-store-postgres/x.ts',
    ],
    [
      'libs/projection-runner imports event-store, contracts, platform, kernel',
      'libs/projection-runner/a.ts',
      'projections/balances/x.ts',
    ],
    ['libs/client imports nothing of ours', 'libs/client/a.ts', 'libs/kernel/x.ts'],
    ['a lib without a row imports nothing of ours', 'libs/new-room/a.ts', 'libs/kernel/x.ts'],
    [
      'projections import projection-runner, ledger, contracts, kernel',
      'projections/balances/a.ts',
      'projections/transactions/x.ts',
    ],
    [
      'projections import projection-runner, ledger, contracts, kernel',
      'projections/balances/b.ts',
      'libs/application/x.ts',
    ],
    ['apps import libs and projections, never another app', 'apps/api/a.ts', 'apps/settlement/start.ts'],
    [
      'the engine puts the apps together and imports nothing else above libs',
      'apps/engine/a.ts',
      'apps/cli/x.ts',
    ],
    [
      'entry points and the command line import of other apps only the engine',
      'apps/cli/a.ts',
      'apps/api/x.ts',
    ],
  ];
  const packages: [string, string, string][] = [
    ['the domain imports no package and no module of Node', 'libs/ledger/b.ts', 'node:fs'],
    ['the domain imports no package and no module of Node', 'libs/kernel/b.ts', 'pg'],
    [
      'only event-store-eventstoredb imports the EventStoreDB client',
      'apps/api/b.ts',
      '@eventstore/db-client',
    ],
    ['only messaging imports kafkajs', 'libs/platform/b.ts', 'kafkajs'],
    ['only payments and payouts import the Stripe library', 'libs/messaging/b.ts', 'stripe'],
    ['Nest stays in apps and application', 'libs/projection-runner/b.ts', '@nestjs/common'],
    ['application imports of Nest only the buses', 'libs/application/b.ts', '@nestjs/core'],
    ['every import resolves', 'libs/contracts/b.ts', './missing.js'],
  ];
  const allowed: [string, string][] = [
    ['libs/ledger/c.ts', 'libs/kernel/x.ts'],
    ['libs/application/c.ts', '@nestjs/cqrs'],
    ['libs/messaging/c.ts', 'kafkajs'],
    ['libs/payouts/c.ts', 'stripe'],
    ['libs/event-store-eventstoredb/c.ts', '@eventstore/db-client'],
    ['libs/kernel/c.spec.ts', 'node:fs'],
    ['apps/engine/c.ts', 'apps/settlement/start.ts'],
    ['apps/api/main.ts', 'apps/engine/x.ts'],
    ['projections/balances/c.ts', 'libs/projection-runner/x.ts'],
  ];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'promptflow-layers-'));
    const { imports: subpaths } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      imports: object;
    };
    files.set('package.json', JSON.stringify({ name: 'fixture', type: 'module', imports: subpaths }));
    for (const name of [
      'pg',
      'kafkajs',
      'stripe',
      '@eventstore/db-client',
      '@nestjs/common',
      '@nestjs/core',
      '@nestjs/cqrs',
    ]) {
      files.set(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }));
      files.set(`node_modules/${name}/index.js`, '');
    }
    for (const [, from, to] of expected) {
      imports(from, `#${to.replace(/\.ts$/, '.js')}`);
      if (!files.has(to)) files.set(to, 'export const x = 1;\n');
    }
    for (const [, from, to] of packages) imports(from, to);
    for (const [from, to] of allowed) {
      const ours = to.endsWith('.ts');
      imports(from, ours ? `#${to.replace(/\.ts$/, '.js')}` : to);
      if (ours && !files.has(to)) files.set(to, 'export const x = 1;\n');
    }
    files.set('libs/vault/one.ts', `import type { Two } from './two.js';\nexport type One = Two | 1;\n`);
    files.set('libs/vault/two.ts', `import type { One } from './one.js';\nexport type Two = One | 2;\n`);
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    violations = (await cruise(folder)).violations.map(said);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(expected)('%s: %s -> %s', (rule, from, to) => {
    expect(violations).toContain(`${rule}: ${from} -> ${to}`);
  });

  test.each(packages)('%s: %s -> %s', (rule, from) => {
    expect(violations.filter((each) => each.startsWith(`${rule}: ${from} -> `))).toHaveLength(1);
  });

  test('no cycles, of types neither', () => {
    expect(violations.filter((each) => each.startsWith('no cycles: libs/vault/'))).not.toEqual([]);
  });

  test.each(allowed)('%s may import %s', (from) => {
    expect(violations.filter((each) => each.includes(`: ${from} -> `))).toEqual([]);
  });
});
