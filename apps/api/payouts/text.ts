import { CREDITS_PER_CENT, formatUsd } from '#libs/kernel/credits.js';
import { csvRow, dollars } from '#libs/payouts/file/csv.js';
import type { PayoutRun, RunItem } from '#libs/payouts/runs/run.js';
import type { Transfer } from '#libs/payouts/transfer.js';
import { timeText } from '../commands/reply.js';

const timeOf = (t: number | undefined): string | undefined => (t === undefined ? undefined : timeText(t));
const creditsOf = (cents: bigint): bigint => cents * CREDITS_PER_CENT;

/** Members of a reply; amounts are bigints of credits. */
export function runMembers({ totals, ...run }: PayoutRun): object {
  const { amountCents, requestedCents, ...counts } = totals;
  return {
    runId: run.runId,
    state: run.state,
    judgedAt: timeText(run.judgedAt),
    position: run.position,
    preparedAt: timeText(run.preparedAt),
    preparedBy: run.preparedBy,
    decidedAt: timeOf(run.decidedAt),
    decidedBy: run.decidedBy,
    startedAt: timeOf(run.startedAt),
    doneAt: timeOf(run.doneAt),
    ...counts,
    amount: creditsOf(amountCents),
    usd: formatUsd(creditsOf(amountCents)),
    requestedAmount: creditsOf(requestedCents),
  };
}

export function itemMembers(item: RunItem): object {
  const amount = creditsOf(item.amountCents);
  return {
    creatorId: item.creatorId,
    state: item.state,
    payable: item.payable,
    amount,
    usd: formatUsd(amount),
    destination: item.destination,
    reason: item.reason,
    payoutId: item.payoutId,
    requestedAmount: item.requestedCents === undefined ? undefined : creditsOf(item.requestedCents),
    transferState: item.transferState,
  };
}

export const RUN_CSV_HEADER = csvRow([
  'creator_id',
  'state',
  'reason',
  'payable_credits',
  'amount_usd',
  'provider',
  'destination',
  'payout_id',
  'requested_usd',
  'transfer_state',
]);

export const itemCsv = (item: RunItem): string =>
  csvRow([
    item.creatorId,
    item.state,
    item.reason ?? '',
    item.payable.toString(),
    dollars(item.amountCents),
    item.destination?.provider ?? '',
    item.destination?.reference ?? '',
    item.payoutId ?? '',
    item.requestedCents === undefined ? '' : dollars(item.requestedCents),
    item.transferState ?? '',
  ]);

export function transferMembers(transfer: Transfer): object {
  const amount = creditsOf(transfer.amountCents);
  const { creatorId, payoutId, provider, destination, state, ledgerState } = transfer;
  return {
    creatorId,
    payoutId,
    amount,
    usd: formatUsd(amount),
    provider,
    destination,
    state,
    ledgerState,
    reference: transfer.reference,
    failure: transfer.failure,
    conflict: transfer.conflict,
    attempts: transfer.attempts,
    lastAttemptAt: timeOf(transfer.lastAttemptAt),
    lastError: transfer.lastError,
    requestedAt: timeText(transfer.requestedAt),
    changedAt: timeText(transfer.changedAt),
    nextAt: timeOf(transfer.dueAt),
  };
}

/** JSON text: amounts as strings, what is undefined left out. */
export const jsonText = (members: object): string =>
  JSON.stringify(members, (_name, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
