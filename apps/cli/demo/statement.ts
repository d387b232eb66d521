import { formatUsd } from '#libs/kernel/credits.js';
import type { Summary } from '../import-usage/tally.js';
import { grouped, table, totalsTable } from '../import-usage/summary-text.js';
import type { TrialBalance } from './settled.js';

/** What the ledger's read models say, for the statement. Amounts are credits. */
export interface LedgerFigures {
  /** Events of the log that the read models show. */
  readonly logEvents: number;
  readonly topCreators: readonly {
    readonly creatorId: string;
    readonly earned: bigint;
    readonly runs: bigint;
  }[];
  readonly topModels: readonly { readonly model: string; readonly runs: bigint; readonly total: bigint }[];
}

export interface Statement {
  readonly summary: Summary;
  readonly trialBalance: TrialBalance;
  readonly figures: LedgerFigures;
  /** From the first row sent until every creator was paid. */
  readonly settledSeconds: number;
}

const RULE = '-'.repeat(64);

/** The day's statement, for a person to read. */
export function statementText({ summary, trialBalance, figures, settledSeconds }: Statement): string {
  const { rows, charged, alreadyCharged, seconds } = summary;
  const total = BigInt(trialBalance.total);
  const counts = `${grouped(rows)} runs: ${grouped(charged)} charged now, ${grouped(alreadyCharged)} already there`;
  return [
    RULE,
    'Statement of the sample',
    counts,
    ...totalsTable(summary),
    '',
    'Top creators (earned, from the read models of this ledger)',
    ...table(
      figures.topCreators.map(({ creatorId, earned, runs }) => [
        creatorId,
        `${grouped(runs)} runs`,
        `${grouped(earned)} credits`,
        formatUsd(earned),
      ]),
    ),
    'Top models (charged)',
    ...table(
      figures.topModels.map(({ model, runs, total: spent }) => [
        model,
        `${grouped(runs)} runs`,
        `${grouped(spent)} credits`,
        formatUsd(spent),
      ]),
    ),
    '',
    'The books',
    ...table([
      ['trial balance, sum of all accounts', total === 0n ? '0 (balanced)' : `${total} (NOT BALANCED)`],
      ['accounts', grouped(trialBalance.accounts.length)],
      ['events in the log', grouped(figures.logEvents)],
      ['seconds to charge every run', seconds.toFixed(2)],
      ['seconds until every creator was paid', settledSeconds.toFixed(2)],
    ]),
    RULE,
  ].join('\n');
}
