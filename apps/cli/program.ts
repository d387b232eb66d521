import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { PROJECT_ROOT } from './project-root.js';
import type { CommandContext } from './context.js';
import { addDemo } from './demo/command.js';
import { addDeadLetters } from './dlq/command.js';
import { addImportUsage } from './import-usage/command.js';
import { addMigrateLegacy } from './migrate-legacy/command.js';
import { addPayouts } from './payouts/command.js';
import { addPlans } from './pricing/plans.js';
import { addPolicies } from './pricing/policies.js';
import { addRateCards } from './rate-cards/command.js';
import { addRebuild } from './rebuild.js';
import { addWhatIf } from './what-if/command.js';

/** The whole command line; usage errors throw commander's own error instead of ending the process. */
export function buildProgram(context: CommandContext): Command {
  const program = new Command('ledger')
    .description('PromptFlow Ledger: credits of the PromptFlow marketplace, charged, paid out and balanced.')
    .version(version(), '-V, --version', 'print the version')
    .helpCommand('help [command]', 'show help for a command')
    .showHelpAfterError('(ledger --help lists the commands, ledger <command> --help their options)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
    })
    .addHelpText('after', AFTER_HELP);
  addDemo(program, context);
  addImportUsage(program, context);
  addMigrateLegacy(program, context);
  addPayouts(program, context);
  addRebuild(program, context);
  addRateCards(program, context);
  addPolicies(program, context);
  addPlans(program, context);
  addWhatIf(program, context);
  addDeadLetters(program, context);
  return program;
}

const AFTER_HELP = `
Configuration comes from the environment or a file .env (docs/reference/configuration.md): DATA_DIR names the folder
of the embedded engine, LEDGER_URL a running ledger.

Exit codes: 0 done, 1 something was refused or differs, 2 wrong usage or no ledger to talk to.`;

function version(): string {
  const text = readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
