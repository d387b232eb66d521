import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase, Pool } from 'pg';
import { pauseMs } from '#libs/payouts/back-off.js';
import type { DueNotice, ProviderNotices } from '#libs/payouts/notices.js';
import type { PayoutProvider, ProviderNotice } from '#libs/payouts/provider.js';
import type { Transfer } from '#libs/payouts/transfer.js';
import { type PayoutTransfers, tellProviderState, type ToldByProvider } from '#libs/payouts/transfers.js';
import { inTransaction } from '#libs/platform/transaction.js';
import { difference } from './advance.js';

export interface NoticeOptions {
  readonly pool: Pool;
  readonly notices: ProviderNotices;
  readonly transfers: PayoutTransfers;
  readonly provider: PayoutProvider;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** A notice could not be acted on now; it is taken again later. */
  readonly onTrouble: (error: unknown, notice?: DueNotice) => void;
  readonly pollMs?: number;
}

const POLL_MS = 500;
const NOTICES_AT_ONCE = 50;
const LEASE_MS = 30_000;
const PAUSES = { firstMs: 5_000, maxMs: 3_600_000 };

/** Acts on what providers have told by webhook, each notice once, until the signal fires. */
export async function runNotices(options: NoticeOptions): Promise<void> {
  const { signal, pollMs = POLL_MS, onTrouble } = options;
  while (!signal.aborted) {
    const taken = await actOnNotices(options).catch((error: unknown) => {
      onTrouble(error);
      return 0;
    });
    if (taken === 0) await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

/** One pass over what is due now; how many were taken. */
export async function actOnNotices(options: NoticeOptions): Promise<number> {
  const due = await options.notices.claim({ limit: NOTICES_AT_ONCE, leaseMs: LEASE_MS });
  for (const notice of due) {
    try {
      await actOn(options, notice);
    } catch (error) {
      options.onTrouble(error, notice);
      await later(options, notice);
    }
  }
  return due.length;
}

async function later({ pool, random }: NoticeOptions, { provider, id, tries }: DueNotice): Promise<void> {
  await pool.query({
    name: 'payouts-notice-later',
    text: `update payouts.provider_notices set due_at = now() + $3 * interval '1 millisecond'
      where provider = $1 and id = $2 and done_at is null`,
    values: [provider, id, pauseMs(tries, random(), PAUSES)],
  });
}

async function actOn(options: NoticeOptions, due: DueNotice): Promise<void> {
  const { notice } = due;
  // Asked before the transaction: a provider that is slow holds no row.
  const references =
    notice.kind === 'account_payout' && notice.status === 'paid'
      ? await options.provider.transfersIn(notice)
      : [];
  await inTransaction(options.pool, async (tx) => {
    const outcome =
      notice.kind === 'transfer'
        ? await tellTransfer(options, tx, notice)
        : await tellPaidOut(options, tx, notice, references);
    await options.notices.end(tx, due, outcome);
  });
}

type TransferNotice = Extract<ProviderNotice, { kind: 'transfer' }>;
type AccountPayout = Extract<ProviderNotice, { kind: 'account_payout' }>;

async function tellTransfer(
  { transfers }: NoticeOptions,
  tx: ClientBase,
  notice: TransferNotice,
): Promise<string> {
  const transfer = await transfers.find(tx, notice.creatorId, notice.payoutId);
  if (transfer === undefined) return 'no such payout here';
  const conflict = difference(transfer, notice);
  if (conflict !== undefined) {
    await tell(tx, transfer, { state: transfer.state, conflict });
    return 'flagged: unlike the payout';
  }
  const { reference } = notice;
  switch (notice.status) {
    case 'sent':
      await tell(tx, transfer, { state: 'sent', reference });
      return 'sent';
    case 'reversed':
      await tell(tx, transfer, {
        state: 'failed',
        reference,
        failure: { code: 'reversed', reason: 'returned' },
      });
      return 'failed: reversed';
    case 'partly_reversed':
      await tell(tx, transfer, {
        state: 'sent',
        reference,
        conflict: { code: 'partly_reversed', detail: `${reference}: a part was taken back at the provider` },
      });
      return 'flagged: partly reversed';
  }
}

/** A payout that fails leaves the money with the creator's account at the provider: it did not come back to us. */
async function tellPaidOut(
  { transfers }: NoticeOptions,
  tx: ClientBase,
  { account, payout, status, code }: AccountPayout,
  references: readonly string[],
): Promise<string> {
  if (status === 'failed') return `payout ${payout} of the account failed: ${code ?? 'no reason given'}`;
  let settled = 0;
  for (const reference of references) {
    const transfer = await transfers.findByReference(tx, reference);
    if (transfer === undefined || transfer.destination !== account) continue;
    await tell(tx, transfer, { state: 'settled', reference });
    settled++;
  }
  return `settled: ${settled} of ${references.length}`;
}

async function tell(tx: ClientBase, transfer: Transfer, told: ToldByProvider): Promise<void> {
  const { creatorId, payoutId } = transfer;
  if (await tellProviderState(tx, transfer, told)) return;
  throw new Error(`Payout ${payoutId} of ${creatorId} was changed meanwhile`);
}
