// npm run prove [-- --full] [-- name ...]: the proofs of the guarantees, short or with the figures of a release, and a
// report of what they showed in .prove/. A name is part of a file's: g4, refunds.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { buildIfStale } from './build-if-stale.mjs';

const ROOT = join(import.meta.dirname, '..');
const JEST = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
const FOLDER = join(ROOT, '.prove');
const LINES = join(FOLDER, 'lines.jsonl');
const RESULTS = join(FOLDER, 'jest.json');
const BYTES_PER_GB = 2 ** 30;

const PROMISES = {
  G2: 'one effect per idempotency key, for ever',
  G3: 'postings sum to zero in every event and at every position',
  G4: 'a wallet never goes below its floor',
  G7: "a worker's effect happens exactly once",
  G8: 'a wallet is linearisable',
  G9: 'the code equals the model',
  G11: 'it recovers by itself',
  refunds: 'never negative, never above the charge, a full reversal exact to the credit',
};

const isFull = process.argv.includes('--full');
const names = process.argv.slice(2).filter((argument) => argument !== '--full');

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
await buildIfStale();

const started = performance.now();
const code = await runJest();
const report = reportOf(code, (performance.now() - started) / 1000);
writeFileSync(join(FOLDER, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
writeFileSync(join(FOLDER, 'report.md'), markdownOf(report));
rmSync(LINES, { force: true });
rmSync(RESULTS, { force: true });
console.log(`${report.verdict}: ${relative(process.cwd(), join(FOLDER, 'report.md'))}`);
process.exitCode = report.verdict === 'proven' ? 0 : 1;

function runJest() {
  const args = [
    JEST,
    // One after another: what is measured or raced should not be disturbed by the next.
    '--runInBand',
    '--reporters=default',
    '--json',
    `--outputFile=${RESULTS}`,
    '--testMatch=<rootDir>/test/model/**/*.spec.ts',
    '--testMatch=<rootDir>/test/prove/**/*.spec.ts',
    '--testMatch=<rootDir>/test/cluster/prove/**/*.spec.ts',
    ...(names.length > 0 ? ['--testPathPatterns', names.join('|')] : []),
  ];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: {
      ...process.env,
      PROVE_SIZE: isFull ? 'full' : 'everyday',
      PROVE_LINES_FILE: LINES,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`,
    },
    // With --json the results go to a file, and nothing but what the tests print to standard output.
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('close', (exitCode) => resolve(exitCode ?? 1)));
}

function reportOf(exitCode, seconds) {
  const results = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : { testResults: [] };
  const tests = results.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status, duration, failureMessages }) => ({
      file: relative(ROOT, name),
      name: fullName,
      status,
      seconds: Math.round((duration ?? 0) / 100) / 10,
      ...(failureMessages.length > 0 ? { failure: failureMessages[0] } : {}),
    })),
  );
  const lines = existsSync(LINES)
    ? readFileSync(LINES, 'utf8')
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
  return {
    verdict: exitCode === 0 && tests.length > 0 ? 'proven' : 'not proven',
    size: isFull ? 'full' : 'everyday',
    ...(names.length > 0 ? { only: names } : {}),
    commit: commit(),
    at: new Date().toISOString(),
    seconds: Math.round(seconds),
    machine: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / BYTES_PER_GB)} GB, Node ${process.version}`,
    shown: lines.sort((a, b) => a.guarantee.localeCompare(b.guarantee)),
    tests,
  };
}

function commit() {
  try {
    const git = (...args) =>
      execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ' with changes'}`;
  } catch {
    return 'unknown';
  }
}

function markdownOf({ verdict, size, only, commit: at, at: when, seconds, machine, shown, tests }) {
  const failed = tests.filter(({ status }) => status !== 'passed');
  return [
    `# Proof of the guarantees: ${verdict}`,
    '',
    `${size} figures${only === undefined ? '' : ` of ${only.join(', ')} alone`}, commit ${at}, ${when}, ${seconds} s`,
    '',
    machine,
    '',
    '| | promise | shown | figures |',
    '|---|---|---|---|',
    ...shown.map(
      ({ guarantee, proof, figures, seed }) =>
        `| ${guarantee} | ${PROMISES[guarantee] ?? ''} | ${proof} | ${figuresText(figures, seed)} |`,
    ),
    '',
    '| test | outcome | s |',
    '|---|---|---|',
    ...tests.map(({ name, status, seconds: taken }) => `| ${name} | ${status} | ${taken} |`),
    ...failed.flatMap(({ name, failure }) => ['', `## ${name}`, '', '```', failure ?? '', '```']),
    '',
  ].join('\n');
}

function figuresText(figures, seed) {
  const text = Object.entries(figures).map(([name, figure]) => `${name} ${figure}`);
  return [...text, ...(seed === undefined ? [] : [`PROPERTY_SEED ${seed}`])].join(', ');
}
