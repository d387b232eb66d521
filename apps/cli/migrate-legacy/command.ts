import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { connectLedger } from '../connection.js';
import type { CommandContext } from '../context.js';
import { EXIT } from '../failure.js';
import { LedgerHttp } from '../http/ledger-http.js';
import { PATIENCE_MS } from '../http/with-patience.js';
import { HTTP_CONNECTIONS } from '../import-usage/command.js';
import { parseUrl } from '../import-usage/options.js';
import { LEGACY_UNITS, type LegacyUnit } from './convert.js';
import { type LegacyFile, readLegacyFile } from './legacy-file.js';
import { type Migrated, migrateWallets } from './migrate.js';
import { counted, fileText, totalsByPlan } from './totals.js';

interface MigrateFlags {
  readonly url?: string;
  readonly unit: LegacyUnit;
  readonly yes?: boolean;
  readonly skipProblems?: boolean;
  readonly json?: boolean;
}

export function addMigrateLegacy(program: Command, context: CommandContext): void {
  program
    .command('migrate-legacy')
    .argument('<file>', 'balances of the old system, CSV or JSON lines')
    .summary('open wallets with the balances of the old system, after a dry run')
    .description(
      'Reads the balances, shows totals by plan and everything that is wrong with the file, and writes nothing; with ' +
        '--yes it opens the wallets. Each user is taken over once, however often it is run.',
    )
    .addOption(
      new Option('--unit <unit>', `what the numbers count: ${LEGACY_UNITS.join(' or ')}`)
        .argParser(parseUnit)
        .default('plan-credits'),
    )
    .option('--yes', 'open the wallets; without it this is a dry run')
    .option('--skip-problems', 'with --yes: leave out the rows with problems instead of doing nothing')
    .option(
      '--url <url>',
      'a running ledger; else LEDGER_URL, else the engine on DATA_DIR, started if need be',
      parseUrl,
    )
    .option('--json', 'print the result, with all problems, as one line of JSON, last on standard output')
    .addHelpText('after', AFTER_HELP)
    .action((file: string, flags: MigrateFlags) => run(resolve(file), flags, context));
}

const AFTER_HELP = `
Fields: userId,credits,plan,purchased,monthly. credits is all a user has, purchased and monthly are parts of it, and the
rest becomes credits of unknown origin that do not lapse; without credits it is the sum of the two. plan is FREE when
empty; monthly credits lapse with the month, "unlimited" carries nothing over.

Conversion: each number, read digit by digit, times its unit (a plan credit is 10,000 credits, $0.01), rounded up to the
next whole credit.

Exit code: 0 all well, 1 the file has problems or wallets were refused, 2 it could not run.`;

function parseUnit(raw: string): LegacyUnit {
  const unit = LEGACY_UNITS.find((name) => name === raw);
  if (unit === undefined) throw new InvalidArgumentError(`Expected ${LEGACY_UNITS.join(' or ')}.`);
  return unit;
}

async function run(path: string, flags: MigrateFlags, context: CommandContext): Promise<void> {
  const { stdout, stderr } = context;
  const text = flags.json ? stderr : stdout;
  const file = await readLegacyFile(path, flags.unit);
  text.write(`${fileText(file)}\n`);
  const blocked = file.problems.length > 0 && flags.skipProblems !== true;
  const migrated = flags.yes === true && !blocked ? await migrate(file, flags, context) : undefined;
  text.write(`${outcomeText(flags, blocked, migrated)}\n`);
  const clean = file.problems.length === 0 && (migrated?.refused.length ?? 0) === 0;
  context.exitCode = clean ? EXIT.ok : EXIT.refused;
  if (flags.json) stdout.write(`${jsonText(file, migrated)}\n`);
}

async function migrate(file: LegacyFile, { url }: MigrateFlags, context: CommandContext): Promise<Migrated> {
  const connection = await connectLedger({ url, config: context.config(), port: 0 });
  const http = new LedgerHttp(connection.url, { connections: HTTP_CONNECTIONS });
  try {
    return await migrateWallets({
      http,
      wallets: file.wallets,
      patience: {
        patienceMs: PATIENCE_MS,
        signal: context.signal,
        onWait: (reason) => context.stderr.write(`waiting: ${reason}\n`),
      },
    });
  } finally {
    http.close();
    await connection.close();
  }
}

function outcomeText(flags: MigrateFlags, blocked: boolean, migrated: Migrated | undefined): string {
  if (migrated === undefined) {
    if (flags.yes !== true)
      return '\nDry run: nothing was written. Run again with --yes to open the wallets.';
    return blocked
      ? '\nNothing was written: mend the problems, or leave these rows out with --skip-problems.'
      : '\nNothing was written.';
  }
  const { opened, before, refused } = migrated;
  return [
    '',
    `${counted(opened, 'wallet')} opened, ${before} opened by an earlier run, ${refused.length} refused.`,
    ...refused.slice(0, 20).map(({ userId, reason }) => `  ${userId}: ${reason}`),
  ].join('\n');
}

const jsonText = (file: LegacyFile, migrated: Migrated | undefined): string =>
  JSON.stringify(
    {
      plans: totalsByPlan(file.wallets),
      problems: file.problems,
      repeated: file.repeated,
      migrated: migrated ?? null,
    },
    (_name, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
  );
