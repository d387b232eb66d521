/*
 * Imports the Azure trace as a user would and holds the result against a second computation:
 *   node dist/test/load/import-trace.js FILE [KILLS]
 * One JSON line for the timed import, one for each kill -9 with restart; exit code 1 when anything does not add up.
 */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { waitUntilSettled } from '#apps/cli/demo/settled.js';
import { LedgerHttp } from '#apps/cli/http/ledger-http.js';
import type { Summary } from '#apps/cli/import-usage/tally.js';
import { attachEmbedded } from '#libs/platform/embedded-postgres.js';
import { connectClient } from '#libs/platform/postgres.js';
import { type BooksCheck, checkBooks, type ExpectedImport, expectedOfTrace } from './import-check.js';
import { type CommandRun, lastJson, runLedger, withDataDir, withServer } from './ledger-command.js';

export interface ImportCase {
  readonly file: string;
  readonly expected: ExpectedImport;
}

export interface Verdict {
  /** What is not as it must be; empty when all is well. */
  readonly problems: readonly string[];
  readonly summary: Summary;
  readonly books: BooksCheck;
}

export interface KilledVerdict extends Verdict {
  /** Events in the log at which it was killed. */
  readonly killAtEvents: number;
  /** Rows that the killed import had charged. */
  readonly chargedBefore: number;
}

const POLL_MS = 5;

const importArgs = (file: string, dataDir: string, ...more: string[]): string[] => [
  'import-usage',
  file,
  '--json',
  '--rejects',
  join(dataDir, '..', 'rejects.csv'),
  ...more,
];

/** Everything that must hold after an import that went through, against the second computation. */
export function problemsOf(
  { code }: CommandRun,
  summary: Summary,
  books: BooksCheck,
  expected: ExpectedImport,
): string[] {
  const must: readonly (readonly [string, unknown, unknown])[] = [
    ['exit code', code, 0],
    ['rows', summary.rows, expected.rows],
    ['rows charged', summary.charged + summary.alreadyCharged, expected.rows],
    ['totals', JSON.stringify(summary.totals), JSON.stringify(expected.totals)],
    ['charges in the streams', books.chargesInStreams, expected.rows],
    ['total in the streams', books.chargedInStreams, expected.totals.total],
    ['paid to creators', books.creatorShareInStreams, expected.totals.creatorShare],
    ['trial balance', books.trialBalance, '0'],
    ['clearing accounts', books.inClearing, '0'],
    ['wallets that differ from their stream', books.walletsDiffering.length, 0],
  ];
  return must
    .filter(([, found, wanted]) => found !== wanted)
    .map(([what, found, wanted]) => `${what}: ${String(found)}, expected ${String(wanted)}`);
}

/** Imports on a fresh ledger beside a running server: how long until charged, and until projected and settled. */
export function timeImport({ file, expected }: ImportCase) {
  return withDataDir((dataDir) =>
    withServer(dataDir, async (server) => {
      const http = new LedgerHttp(server.url, { connections: 1 });
      const startedAt = performance.now();
      const run = await runLedger(importArgs(file, dataDir, '--url', server.url), { env: {} });
      await waitUntilSettled(http, new AbortController().signal);
      const settledSeconds = (performance.now() - startedAt) / 1000;
      http.close();
      const books = await checkBooks(server);
      const summary = lastJson<Summary>(run);
      const again = lastJson<Summary>(
        await runLedger(importArgs(file, dataDir, '--url', server.url), { env: {} }),
      );
      const problems = problemsOf(run, summary, books, expected);
      if (again.charged !== 0) problems.push(`charged again: ${again.charged}`);
      return {
        problems,
        summary,
        books,
        commandSeconds: run.seconds,
        settledSeconds,
        againSeconds: again.seconds,
      };
    }),
  );
}

/**
 * Kills an import (and the engine in it) with kill -9 once so many events are in the log, runs it again, and checks
 * what came out. A time would not do: on a busy machine it falls before the first row or behind the last.
 */
export function killAndImport({ file, expected }: ImportCase, killAtEvents: number): Promise<KilledVerdict> {
  return withDataDir(async (dataDir) => {
    const env = { DATA_DIR: dataDir };
    const first = await runLedger(importArgs(file, dataDir), {
      env,
      onStart: (child) => killWhen(child, () => logHolds(dataDir, killAtEvents)),
    });
    const second = await runLedger(importArgs(file, dataDir), { env });
    const summary = lastJson<Summary>(second);
    const books = await withServer(dataDir, checkBooks);
    const problems = problemsOf(second, summary, books, expected);
    if (first.code !== null) problems.push(`it was not killed but ended with ${first.code}`);
    return { killAtEvents, chargedBefore: summary.alreadyCharged, problems, summary, books };
  });
}

/** A number of events somewhere in the middle of the charges: each user's three events come before them. */
export const momentIn = ({ rows, users }: ExpectedImport): number =>
  Math.round(3 * users + (0.1 + 0.8 * Math.random()) * rows);

async function killWhen(child: ChildProcess, reached: () => Promise<boolean>): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    if (await reached().catch(() => false)) child.kill('SIGKILL');
    await sleep(POLL_MS);
  }
}

/** Whether the log of the engine on a data folder holds so many events; false until there is one. */
async function logHolds(dataDir: string, events: number): Promise<boolean> {
  const engine = await attachEmbedded(dataDir);
  if (engine?.apiUrl === undefined) return false;
  const client = await connectClient({ url: engine.url, applicationName: 'import-trace' });
  try {
    const { rows } = await client.query<{ position: string }>(
      'select max(position)::text as position from log.events',
    );
    return Number(rows[0]?.position ?? 0) >= events;
  } finally {
    await client.end();
  }
}

const KILLS_DEFAULT = 10;

async function main(): Promise<void> {
  const [path, kills = String(KILLS_DEFAULT)] = process.argv.slice(2);
  if (path === undefined || !/^\d+$/.test(kills)) {
    throw new Error('Usage: node dist/test/load/import-trace.js FILE [KILLS]');
  }
  const file = resolve(path);
  const import_ = { file, expected: expectedOfTrace(readFileSync(file, 'utf8')) };
  const say = (name: string, line: Pick<Verdict, 'problems'>): void => {
    console.log(JSON.stringify({ case: name, ...line }));
    if (line.problems.length > 0) process.exitCode = 1;
  };
  say('timed', await timeImport(import_));
  for (let kill = 1; kill <= Number(kills); kill++) {
    say(`killed ${kill}`, await killAndImport(import_, momentIn(import_.expected)));
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
