import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import { CliError } from '../failure.js';
import { parseUrl } from '../import-usage/options.js';
import { withLedger } from '../with-ledger.js';
import { defaultEffectiveFrom, parseMoment, publish } from './publish.js';

interface PublishFlags {
  readonly table?: string;
  readonly effectiveFrom?: string;
  readonly url?: string;
  readonly json?: boolean;
}

interface PublishReply {
  readonly table: { readonly id: string; readonly version: number; readonly effectiveFrom: string };
}

export function addPlans(program: Command, context: CommandContext): void {
  program
    .command('plans')
    .summary('publish a plan table: what each plan includes, from when on')
    .command('publish')
    .argument(
      '<file>',
      'JSON: {table, planCredit, plans: {FREE, PRO, ELITE, ENTERPRISE}}, as inForce of GET /api/plans',
    )
    .description(
      'Publishes a plan table as the next version of its id; the newest one in force holds for all.',
    )
    .option('--table <id>', 'id of the table; else that of the file')
    .option(
      '--effective-from <time>',
      'in UTC, at least 60 s ahead (default: that of the file, else 70 s ahead)',
      parseMoment,
    )
    .option('--url <url>', 'a running ledger; else LEDGER_URL, else the engine on DATA_DIR', parseUrl)
    .option('--json', 'print the answer as one line of JSON')
    .action((file: string, flags: PublishFlags) => publishPlans(file, flags, context));
}

async function publishPlans(file: string, flags: PublishFlags, context: CommandContext): Promise<void> {
  const { url, json } = flags;
  const body = requestOf(file, await readTable(file), flags);
  const reply = await withLedger({ url, context }, (ledger) =>
    publish<PublishReply>(ledger, '/api/plans', body),
  );
  const { id, version, effectiveFrom } = reply.table;
  context.stdout.write(
    json
      ? `${JSON.stringify(reply)}\n`
      : `Plan table ${id} version ${version} is in force from ${effectiveFrom} on.\n`,
  );
}

type Json = Readonly<Record<string, unknown>>;

async function readTable(file: string): Promise<Json> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed))
    throw new CliError(`${file} must hold a JSON object: {table, planCredit, plans}.`);
  return parsed as Json;
}

/** What GET /api/plans shows beyond what is published is left out, so that its answer can be edited and published. */
function requestOf(file: string, table: Json, flags: PublishFlags): object {
  const { version: _version, plans, ...rest } = table;
  if (plans === null || typeof plans !== 'object') {
    throw new CliError(
      `${file} has no plans: expected {table, planCredit, plans}, which GET /api/plans shows as inForce.`,
    );
  }
  const effectiveFrom = flags.effectiveFrom ?? futureOf(table['effectiveFrom']) ?? defaultEffectiveFrom();
  return {
    ...rest,
    ...(flags.table === undefined ? {} : { table: flags.table }),
    effectiveFrom,
    plans: Object.fromEntries(Object.entries(plans).map(([name, plan]) => [name, withoutCredits(plan)])),
  };
}

/** The time of a table that was in force when it was shown is past: not what is wanted now. */
function futureOf(raw: unknown): string | undefined {
  return typeof raw === 'string' && Date.parse(raw) > Date.now() ? raw : undefined;
}

function withoutCredits(plan: unknown): unknown {
  const { monthly, ...rest } = (plan ?? {}) as Json;
  if (monthly === null || typeof monthly !== 'object') return plan;
  const { credits: _credits, ...kept } = monthly as Json;
  return { ...rest, monthly: kept };
}
