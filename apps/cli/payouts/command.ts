import { randomUUID } from 'node:crypto';
import { type Command, Option } from 'commander';
import { PAYOUT_FAILURE_REASONS } from '#libs/ledger/creator/vocabulary.js';
import type { CommandContext } from '../context.js';
import { parseUrl } from '../import-usage/options.js';
import type { LedgerRequest } from '../http/ledger-http.js';
import { withLedger } from '../with-ledger.js';
import { settleFile } from './settle.js';
import { type RunReply, runText, runsText, runWithItemsText } from './text.js';

const URL_TEXT = 'a running ledger; else LEDGER_URL, else the engine on DATA_DIR, started if need be';
/** As many as one answer may hold. */
const ITEMS_MAX = 1_000;
const RUNS = '/api/payouts/runs';

interface Flags {
  readonly url?: string;
  readonly json?: boolean;
}

interface RunCommandReply {
  readonly run: RunReply;
}

interface FailedReply {
  readonly payout: { readonly payoutId: string; readonly state: string };
}

interface FailFlags extends Flags {
  readonly reason: string;
}

export function addPayouts(program: Command, context: CommandContext): void {
  const commands = new PayoutCommands(
    program
      .command('payouts')
      .summary('pay creators: prepare, show and approve runs, settle bank files')
      .description(
        'Payout runs list what creators can be paid; the payout worker carries out approved ones.',
      ),
    context,
  );
  commands.addRuns();
  commands.addDecisions();
  commands.addOutcomes();
}

class PayoutCommands {
  constructor(
    private readonly payouts: Command,
    private readonly context: CommandContext,
  ) {}

  addRuns(): void {
    this.add('runs', 'list the newest runs').action((flags: Flags) =>
      this.print(flags, { method: 'GET', path: RUNS }, runsText),
    );
    this.add('prepare', 'list what every creator can be paid now').action((flags: Flags) =>
      this.print(
        flags,
        { method: 'POST', path: RUNS, body: {}, idempotencyKey: randomUUID() },
        ({ run }: RunCommandReply) =>
          `${runText(run)}\n\nledger payouts show ${run.runId}, then approve or reject it the same way.`,
      ),
    );
    this.add('show', 'show who is paid by a run, and who is not')
      .argument('<run>', 'its id')
      .action((run: string, flags: Flags) => {
        const path = `${RUNS}/${encodeURIComponent(run)}?limit=${ITEMS_MAX}`;
        return this.print(flags, { method: 'GET', path }, runWithItemsText);
      });
  }

  addDecisions(): void {
    for (const decision of ['approve', 'reject'] as const) {
      this.add(decision, `${decision} a prepared run`)
        .argument('<run>', 'its id')
        .action((run: string, flags: Flags) => {
          const path = `${RUNS}/${encodeURIComponent(run)}/${decision}`;
          return this.print(
            flags,
            { method: 'POST', path, body: {}, idempotencyKey: decision },
            (reply: RunCommandReply) => runText(reply.run),
          );
        });
    }
  }

  addOutcomes(): void {
    this.payouts
      .command('settle')
      .argument('<file>', 'CSV that the file provider wrote, or the lines of it that were paid')
      .summary('record that the payouts of a bank file have arrived')
      .description('Records each payout of the file as settled; safe to run again.')
      .option('--url <url>', URL_TEXT, parseUrl)
      .action((file: string, { url }: Flags) => settleFile(file, { url, context: this.context }));
    const reason = new Option('--reason <reason>', 'why').choices([...PAYOUT_FAILURE_REASONS]);
    this.add('fail', 'record that a payout has failed: its amount is payable again')
      .argument('<creator>', 'creator id')
      .argument('<payout>', 'payout id')
      .addOption(reason.makeOptionMandatory())
      .action((creator: string, payout: string, { reason: why, ...flags }: FailFlags) => {
        const path = `/api/creators/${encodeURIComponent(creator)}/payouts/${encodeURIComponent(payout)}/failed`;
        return this.print(
          flags,
          { method: 'POST', path, body: { reason: why }, idempotencyKey: `fail:${payout}` },
          (reply: FailedReply) => `${reply.payout.payoutId} is ${reply.payout.state}.`,
        );
      });
  }

  private add(name: string, summary: string): Command {
    return this.payouts
      .command(name)
      .summary(summary)
      .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
      .option('--url <url>', URL_TEXT, parseUrl)
      .option('--json', 'print the ledger’s answer as one line of JSON');
  }

  private async print<T>(
    { url, json }: Flags,
    request: LedgerRequest,
    text: (reply: T) => string,
  ): Promise<void> {
    const { context } = this;
    const reply = await withLedger({ url, context }, (ledger) => ledger.ask<T>(request));
    context.stdout.write(`${json ? JSON.stringify(reply) : text(reply)}\n`);
  }
}
