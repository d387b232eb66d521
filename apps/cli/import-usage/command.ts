import { basename, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { connectLedger } from '../connection.js';
import { EXIT } from '../failure.js';
import { LedgerHttp } from '../http/ledger-http.js';
import type { CommandContext } from '../context.js';
import { importUsage } from './import-usage.js';
import {
  parseAmount,
  parseCount,
  parseModels,
  parsePlan,
  parseUrl,
  USAGE_DEFAULTS,
  type UsageOptions,
} from './options.js';
import { surveyUsage } from './usage-file.js';
import { summaryText } from './summary-text.js';

export const HTTP_CONNECTIONS = 16;

interface ImportFlags extends UsageOptions {
  readonly url?: string;
  readonly json?: boolean;
  readonly rejects?: string;
}

/** An option whose default is shown as it would be typed. */
const option = <T>(flags: string, description: string, typed: string, parse: (raw: string) => T): Option =>
  new Option(flags, description).argParser(parse).default(parse(typed), typed);

export function addImportUsage(program: Command, context: CommandContext): void {
  program
    .command('import-usage')
    .argument('<file>', 'CSV of usage, in one of the two forms below')
    .summary('charge every run of a usage file, each once, however often it is run')
    .description(
      'Replays a usage file through the bulk endpoint: opens a wallet and makes a purchase for every user, then ' +
        'charges every row. Running it again, also after it was killed, charges nothing twice.',
    )
    .addOption(
      option('--users <count>', 'Azure form: users the rows are dealt to', USAGE_DEFAULTS.users, parseCount),
    )
    .addOption(option('--creators <count>', 'Azure form: creators', USAGE_DEFAULTS.creators, parseCount))
    .addOption(
      option(
        '--creator-fee <credits>',
        "Azure form: fee of a run on a creator's prompt",
        USAGE_DEFAULTS.creatorFee,
        parseAmount,
      ),
    )
    .addOption(
      option('--models <names>', 'Azure form: models, dealt in turn', USAGE_DEFAULTS.models, parseModels),
    )
    .addOption(
      option(
        '--plan <plan>',
        'plan on which wallets are opened; auto: the smallest that includes the models a user runs',
        USAGE_DEFAULTS.plan,
        parsePlan,
      ),
    )
    .addOption(
      option(
        '--credits <credits>',
        'purchased once by every user of the file; 0 for no purchase',
        USAGE_DEFAULTS.credits,
        parseAmount,
      ),
    )
    .option(
      '--url <url>',
      'a running ledger; else LEDGER_URL, else the engine on DATA_DIR, started if need be',
      parseUrl,
    )
    .option(
      '--rejects <path>',
      'rows that are not charged (default: <file>.rejects.csv in the current folder)',
    )
    .option('--json', 'print the summary as one line of JSON, last on standard output')
    .addHelpText('after', AFTER_HELP)
    .action((file: string, flags: ImportFlags) => runImport(file, flags, context));
}

const AFTER_HELP = `
Forms, known by the header in the first line:
  time,runId,userId,promptId,creatorId,creatorFee,model,inputTokens,outputTokens
      the ledger's own; promptId, creatorId and creatorFee may be empty
  TIMESTAMP,ContextTokens,GeneratedTokens
      the public Azure LLM inference trace; users, models and creators are dealt by row number

Exit code: 0 every row is charged, 1 some are refused, malformed or charged before on other terms, 2 it could not run.`;

async function runImport(file: string, flags: ImportFlags, context: CommandContext): Promise<void> {
  const { url, json, rejects, ...usage } = flags;
  const path = resolve(file);
  // A file that cannot be imported is said to be so before anything is started.
  const survey = await surveyUsage(path, usage);
  const rejectsPath = rejects ?? `${basename(file)}.rejects.csv`;
  const connection = await connectLedger({ url, config: context.config(), port: 0 });
  const http = new LedgerHttp(connection.url, { connections: HTTP_CONNECTIONS });
  try {
    const { stdout, stderr, signal } = context;
    const result = await importUsage({
      path,
      survey,
      usage,
      http,
      rejectsPath: resolve(rejectsPath),
      output: stderr,
      signal,
    });
    const text = summaryText(result.summary, result.rejects > 0 ? { rejectsPath } : {});
    (json ? stderr : stdout).write(`${text}\n`);
    context.exitCode = result.clean ? EXIT.ok : EXIT.refused;
    await connection.close();
    if (json) stdout.write(`${JSON.stringify(result.summary)}\n`);
  } finally {
    http.close();
    await connection.close();
  }
}
