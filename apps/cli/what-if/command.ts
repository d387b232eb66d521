import { type Command, InvalidArgumentError } from 'commander';
import type { CommandContext } from '../context.js';
import { parseUrl } from '../import-usage/options.js';
import { parseMoment } from '../pricing/publish.js';
import { withLedger } from '../with-ledger.js';
import { answerText } from './answer-text.js';
import type { WhatIfReply } from './answer.js';

/** Long enough for tens of millions of runs. */
const ANSWER_MS_MAX = 30 * 60_000;
const SELECTION = /^([A-Za-z0-9][A-Za-z0-9._-]{0,127})(?:@([1-9][0-9]{0,8}))?$/;

interface Selection {
  readonly id: string;
  readonly version?: number;
}

interface WhatIfFlags {
  readonly from?: string;
  readonly to?: string;
  readonly policy?: string;
  readonly rateCard?: Selection;
  readonly planTable?: Selection;
  readonly url?: string;
  readonly json?: boolean;
}

export function addWhatIf(program: Command, context: CommandContext): void {
  program
    .command('what-if')
    .summary('price past usage again under another policy, rate card or plan table; writes nothing')
    .description(
      'Prices the runs of a span again under another policy, rate card or plan table, and compares revenue, ' +
        "creators' income and users' cost, by model, plan and user. Writes nothing.",
    )
    .option('--from <time>', 'first moment of the span, in UTC (default: the beginning)', parseMoment)
    .option('--to <time>', 'first moment behind it (default: none)', parseMoment)
    .option('--policy <policy>', 'in place of the one each run was priced by')
    .option('--rate-card <id[@version]>', 'in place of the one each run was priced from', parseSelection)
    .option('--plan-table <id[@version]>', 'in place of the one in force at each run', parseSelection)
    .option(
      '--url <url>',
      'a running ledger; else LEDGER_URL, else the engine on DATA_DIR, started if need be',
      parseUrl,
    )
    .option('--json', 'print the answer as one line of JSON, amounts in credits')
    .action((flags: WhatIfFlags) => askWhatIf(flags, context));
}

async function askWhatIf({ url, json, ...question }: WhatIfFlags, context: CommandContext): Promise<void> {
  const reply = await withLedger({ url, context }, (ledger) =>
    ledger.ask<WhatIfReply>({
      method: 'POST',
      path: '/api/pricing/what-if',
      body: question,
      timeoutMs: ANSWER_MS_MAX,
    }),
  );
  context.stdout.write(`${json ? JSON.stringify(reply) : answerText(reply)}\n`);
}

function parseSelection(raw: string): Selection {
  const match = SELECTION.exec(raw);
  if (match === null)
    throw new InvalidArgumentError(
      'Expected an id such as standard, or one version of it such as standard@2.',
    );
  const [, id, version] = match;
  return { id: id!, ...(version === undefined ? {} : { version: Number(version) }) };
}
