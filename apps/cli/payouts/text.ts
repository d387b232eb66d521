import { formatUsd } from '#libs/kernel/credits.js';
import { grouped, table } from '../import-usage/summary-text.js';

/** A run as the ledger answers it, as far as it is shown. */
export interface RunReply {
  readonly runId: string;
  readonly state: string;
  readonly preparedAt: string;
  readonly creators: number;
  readonly listed: number;
  readonly excluded: number;
  readonly requested: number;
  readonly skipped: number;
  readonly usd: string;
  readonly requestedAmount: string;
}

export interface RunDetailsReply {
  readonly run: RunReply;
  readonly items: readonly {
    readonly creatorId: string;
    readonly state: string;
    readonly usd: string;
    readonly payable: string;
    readonly reason?: string;
    readonly payoutId?: string;
    readonly transferState?: string;
  }[];
  readonly nextCursor: string | null;
}

export function runText({ runId, state, usd, requestedAmount, ...counts }: RunReply): string {
  const requested = counts.requested > 0 ? `, ${formatUsd(BigInt(requestedAmount))} requested` : '';
  return (
    `Run ${runId}: ${state}, ${usd} listed${requested}\n` +
    `  ${grouped(counts.creators)} creators: ${counts.listed} to be paid, ${counts.requested} requested, ` +
    `${counts.skipped} skipped, ${counts.excluded} excluded`
  );
}

export function runsText({ items }: { readonly items: readonly RunReply[] }): string {
  if (items.length === 0) return 'There is no payout run yet: ledger payouts prepare.';
  return table(
    [
      ['run', 'state', 'prepared', 'creators', 'listed'],
      ...items.map(({ runId, state, preparedAt, creators, usd }) => [
        runId,
        state,
        preparedAt,
        grouped(creators),
        usd,
      ]),
    ],
    '',
  ).join('\n');
}

export function runWithItemsText({ run, items, nextCursor }: RunDetailsReply): string {
  const rows = items.map(({ creatorId, state, usd, payable, reason, payoutId, transferState }) => [
    creatorId,
    state,
    state === 'excluded' ? formatUsd(BigInt(payable)) : usd,
    reason ?? payoutId ?? '',
    transferState ?? '',
  ]);
  const more =
    nextCursor === null ? [] : [`  and more: GET /api/payouts/runs/${run.runId}?format=csv has all of them`];
  return [runText(run), ...table([['creator', '', 'dollars', '', 'transfer'], ...rows]), ...more].join('\n');
}
