import { join, resolve } from 'node:path';
import { once } from 'node:events';
import type { Command } from 'commander';
import { connectLedger, type LedgerConnection } from '../connection.js';
import type { CommandContext } from '../context.js';
import { CliError, EXIT } from '../failure.js';
import { LedgerHttp } from '../http/ledger-http.js';
import { HTTP_CONNECTIONS } from '../import-usage/command.js';
import { importUsage } from '../import-usage/import-usage.js';
import { DEFAULT_USAGE_OPTIONS } from '../import-usage/options.js';
import { surveyUsage } from '../import-usage/usage-file.js';
import { PROJECT_ROOT } from '../project-root.js';
import { readFigures } from './figures.js';
import { waitUntilSettled } from './settled.js';
import { statementText } from './statement.js';

const SAMPLE = join(PROJECT_ROOT, 'examples', 'usage-sample.csv');
const REJECTS = 'usage-sample.csv.rejects.csv';

export function addDemo(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .summary('start the ledger, charge a sample day of usage, print the statement, leave the server open')
    .description(
      'Starts the embedded engine (data under DATA_DIR), charges the sample in examples/, pays the creators, prints ' +
        'a statement and leaves the server open on PORT. A second run finds everything already there.',
    )
    .option('--exit', 'end after the statement instead of leaving the server open')
    .action(({ exit }: { readonly exit?: boolean }) => runDemo(exit === true, context));
}

async function runDemo(exit: boolean, context: CommandContext): Promise<void> {
  const config = context.config();
  const { stdout, signal } = context;
  // The demo is about this machine: it never charges a server that LEDGER_URL happens to name.
  const connection = await connectLedger({
    url: undefined,
    config: { ...config, ledgerUrl: undefined },
    port: config.port,
  });
  try {
    stdout.write(`${introduction(connection)}\n`);
    const clean = await showStatement(connection, context);
    context.exitCode = clean ? EXIT.ok : EXIT.refused;
    if (exit) return;
    stdout.write(`${farewell(connection)}\n`);
    if (connection.origin === 'started') await aborted(signal);
  } finally {
    await connection.close();
  }
}

async function showStatement(
  { url, databaseUrl }: LedgerConnection,
  context: CommandContext,
): Promise<boolean> {
  const { stdout, stderr, signal } = context;
  const http = new LedgerHttp(url, { connections: HTTP_CONNECTIONS });
  const startedAt = performance.now();
  try {
    const survey = await surveyUsage(SAMPLE, DEFAULT_USAGE_OPTIONS);
    const { summary, clean, rejects } = await importUsage({
      path: SAMPLE,
      survey,
      usage: DEFAULT_USAGE_OPTIONS,
      http,
      rejectsPath: resolve(REJECTS),
      output: stderr,
      signal,
    });
    const trialBalance = await waitUntilSettled(http, signal);
    const settledSeconds = (performance.now() - startedAt) / 1000;
    const figures = await readFigures(databaseUrl!);
    stdout.write(`${statementText({ summary, trialBalance, figures, settledSeconds })}\n`);
    if (rejects > 0) stdout.write(`${rejects} runs are not charged as the sample says: see ${REJECTS}\n`);
    if (BigInt(trialBalance.total) !== 0n) {
      throw new CliError(
        'The trial balance is not zero: the books of this data folder are damaged.',
        EXIT.refused,
      );
    }
    return clean;
  } finally {
    http.close();
  }
}

const introduction = ({ origin, url }: LedgerConnection): string =>
  origin === 'running'
    ? `A ledger runs on this data folder already, at ${url}: the sample goes there.`
    : `The ledger runs at ${url} (no authentication yet: this machine only).`;

function farewell({ origin, url }: LedgerConnection): string {
  const look = `Look around: ${url}/api/docs, ${url}/api/ledger/trial-balance`;
  return origin === 'running'
    ? `${look}\nThe server was running before and stays as it is.`
    : `${look}\nThe server stays open at ${url}. Ctrl-C stops it.`;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
