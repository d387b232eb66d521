// npm test [-- arguments of jest]: the suites in order, each with its seconds, and the total alone in the last line.
// npm run test:cluster [-- arguments of jest]: the same for what cluster mode is made of.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { LEDGER_SUITES } from '../test/e2e/suites.mjs';
import { buildIfStale } from './build-if-stale.mjs';

const ROOT = join(import.meta.dirname, '..');
const JEST = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
const REPORTER = join(ROOT, 'test', 'support', 'figures-reporter.mjs');
const CLUSTER = '--cluster';
const JEST_ARGUMENTS = process.argv.slice(2).filter((argument) => argument !== CLUSTER);
const CLUSTER_SUITES = [
  { name: 'cluster', folders: ['test/cluster'], needsBuild: true },
  {
    name: 'end to end on a cluster',
    files: LEDGER_SUITES.map((name) => `test/e2e/${name}.spec.ts`),
    needsBuild: true,
    needsKafka: true,
    env: { LEDGER_MODE: 'cluster' },
    // Each file starts eight processes.
    workers: 1,
  },
];
const EVERYDAY_SUITES = [
  {
    name: 'pure',
    folders: [
      'libs',
      'apps',
      'projections',
      'test/architecture',
      'test/docker',
      'test/refusals',
      'test/model',
    ],
    needsBuild: false,
  },
  { name: 'postgres', folders: ['test/conformance', 'test/integration'], needsBuild: true },
  { name: 'end to end', folders: ['test/e2e', 'test/prove'], needsBuild: true },
];
const SUITES = process.argv.includes(CLUSTER) ? CLUSTER_SUITES : EVERYDAY_SUITES;

let child;
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true;
    child?.kill(signal);
  });
}

const testsOf = ({ files, folders = [] }) => files ?? folders.map((folder) => `${folder}/**/*.spec.ts`);

/** Why a suite cannot run on this machine; undefined when it can. Single files look for themselves. */
function missingFor({ needsKafka = false }) {
  if (!needsKafka || process.env.KAFKA_BROKERS) return undefined;
  const absent = [
    ['java', '-version'],
    ['mvn', '-v'],
  ].filter(([command, ...args]) => spawnSync(command, args, { stdio: 'ignore' }).error);
  if (absent.length === 0) return undefined;
  return `no Kafka here: ${absent.map(([command]) => command).join(' and ')} cannot be run; install Java 17 and Maven, or give KAFKA_BROKERS`;
}

async function runJest(suite, figuresFile) {
  const args = [
    JEST,
    // First, since a list option such as --testMatch takes every plain word behind it.
    ...JEST_ARGUMENTS,
    '--passWithNoTests',
    ...(suite.workers === undefined ? [] : [`--maxWorkers=${suite.workers}`]),
    '--reporters=default',
    `--reporters=${REPORTER}`,
    ...testsOf(suite).map((tests) => `--testMatch=<rootDir>/${tests}`),
  ];
  child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: {
      ...process.env,
      ...suite.env,
      TEST_FIGURES_FILE: figuresFile,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`,
    },
    stdio: 'inherit',
  });
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
}

function figuresOf(figuresFile) {
  try {
    return JSON.parse(readFileSync(figuresFile, 'utf8'));
  } catch {
    // It did not come as far as to report.
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

async function runSuite(suite, folder) {
  const started = performance.now();
  const missing = missingFor(suite);
  if (missing !== undefined) {
    const isRequired = (process.env.REQUIRE_COMPONENTS ?? '').split(',').includes('kafka');
    console.log(`suite ${suite.name}: ${isRequired ? 'FAILED' : 'SKIPPED'}, ${missing}`);
    return { passed: 0, failed: isRequired ? 1 : 0 };
  }
  const figuresFile = join(folder, `${suite.name.replaceAll(' ', '-')}.json`);
  // Tests that start the program would otherwise build inside their own time; without a build they fail by name.
  if (suite.needsBuild) await buildIfStale().catch((error) => console.error(error.message));
  const code = await runJest(suite, figuresFile);
  const figures = figuresOf(figuresFile);
  if (code !== 0 && figures.failed === 0) figures.failed = 1;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const skipped = figures.skipped > 0 ? `, ${figures.skipped} skipped` : '';
  console.log(
    `suite ${suite.name}: ${figures.passed} passed, ${figures.failed} failed${skipped}, ${seconds} s`,
  );
  return figures;
}

const folder = mkdtempSync(join(tmpdir(), 'promptflow-results-'));
const total = { passed: 0, failed: 0 };
for (const suite of SUITES) {
  if (interrupted) break;
  const { passed, failed } = await runSuite(suite, folder);
  total.passed += passed;
  total.failed += failed;
}
rmSync(folder, { recursive: true, force: true });
if (total.passed + total.failed === 0) {
  console.log('No test matches.');
  total.failed = 1;
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || interrupted ? 1 : 0;
