import type { ClientBase, Pool } from 'pg';
import type { FailureReason } from './provider.js';
import { statement } from './sql-file.js';
import type { LedgerState, Transfer, TransferConflict, TransferState } from './transfer.js';

const ADD = statement('add-transfer');
const TELL_LEDGER_STATE = statement('tell-ledger-state');
const CLAIM = statement('claim-transfers');
const RENEW = statement('renew-leases');
const CHANGE = statement('change-transfer');
const TELL_PROVIDER_STATE = statement('tell-provider-state');
const LIST = statement('list-transfers');
const RESOLVE = statement('resolve-conflict');

type Db = Pick<Pool, 'query'> | Pick<ClientBase, 'query'>;

interface TransferColumns {
  readonly seq: string;
  readonly creator_id: string;
  readonly payout_id: string;
  readonly amount_cents: string;
  readonly currency: 'usd';
  readonly provider: string;
  readonly destination: string;
  readonly state: TransferState;
  readonly ledger_state: LedgerState;
  readonly failed_from: LedgerState | null;
  readonly sent_recorded: boolean;
  readonly reference: string | null;
  readonly failure_code: string | null;
  readonly failure_reason: FailureReason | null;
  readonly conflict: TransferConflict['code'] | null;
  readonly conflict_detail: string | null;
  readonly attempts: number;
  readonly tries: number;
  readonly last_attempt_at: Date | null;
  readonly last_error: string | null;
  readonly requested_at: Date;
  readonly changed_at: Date;
  readonly due_at: Date | null;
  readonly lease: string;
  readonly version: string;
}

export interface TransferFilter {
  readonly state?: TransferState | 'conflict';
  readonly creatorId?: string;
  readonly limit: number;
  /** Only transfers before this place. */
  readonly before?: bigint;
}

/** A payout that was requested, as the log tells it. */
export type RequestedTransfer = Pick<
  Transfer,
  'creatorId' | 'payoutId' | 'amountCents' | 'provider' | 'destination' | 'requestedAt'
>;

/** What changes of a transfer, and when it is to be looked at again. */
export interface TransferChange extends Partial<
  Pick<Transfer, 'state' | 'ledgerState' | 'sentRecorded' | 'reference' | 'failure' | 'attempts' | 'tries'>
> {
  /** `null` takes it away. */
  readonly conflict?: TransferConflict | null;
  readonly lastError?: string | null;
  /** Milliseconds until it is looked at again; `null`: not by itself. */
  readonly dueInMs: number | null;
  /** The claim stays for another step. */
  readonly keep?: boolean;
}

/** A payout was requested; written in the transaction that remembers the message. */
export async function addTransfer(tx: Db, requested: RequestedTransfer): Promise<boolean> {
  const { creatorId, payoutId, amountCents, provider, destination, requestedAt } = requested;
  const values = [creatorId, payoutId, amountCents.toString(), provider, destination, requestedAt];
  return (await tx.query({ ...ADD, values })).rowCount === 1;
}

/** The log says how far a payout is. False when that was known, or the payout is not. */
export async function tellLedgerState(
  tx: Db,
  { creatorId, payoutId }: Pick<Transfer, 'creatorId' | 'payoutId'>,
  said: { readonly state: LedgerState; readonly failedFrom?: LedgerState },
): Promise<boolean> {
  const values = [creatorId, payoutId, said.state, said.failedFrom ?? null];
  return (await tx.query({ ...TELL_LEDGER_STATE, values })).rowCount === 1;
}

/** Takes the conflict away: somebody has looked. False when there is none. */
export async function resolveConflict(
  tx: Db,
  { creatorId, payoutId }: Pick<Transfer, 'creatorId' | 'payoutId'>,
  by: string,
): Promise<boolean> {
  return (await tx.query({ ...RESOLVE, values: [creatorId, payoutId, by] })).rowCount === 1;
}

export interface ToldByProvider extends Pick<Transfer, 'state'> {
  readonly reference?: string;
  readonly failure?: Transfer['failure'];
  readonly conflict?: TransferConflict;
  readonly note?: string;
}

/** The provider says how far a transfer is. False when somebody else has changed it since it was read. */
export async function tellProviderState(
  tx: Db,
  { creatorId, payoutId, version }: Pick<Transfer, 'creatorId' | 'payoutId' | 'version'>,
  told: ToldByProvider,
): Promise<boolean> {
  const { state, reference, failure, conflict, note } = told;
  const values = [
    creatorId,
    payoutId,
    version.toString(),
    state,
    reference,
    failure?.code,
    failure?.reason,
    conflict?.code,
    conflict?.detail,
    note,
  ];
  return (await tx.query({ ...TELL_PROVIDER_STATE, values })).rowCount === 1;
}

/** Transfers in Postgres. */
export class PayoutTransfers {
  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  /** Takes what is due, the longest due first; nobody else has it until the lease runs out. */
  async claim(options: { readonly limit: number; readonly leaseMs: number }): Promise<readonly Transfer[]> {
    const values = [options.limit, options.leaseMs];
    const { rows } = await this.pool.query<TransferColumns>({ ...CLAIM, values });
    return rows.map(transferOf);
  }

  async renew(held: readonly Transfer[], leaseMs: number): Promise<void> {
    const values = [
      held.map(({ creatorId }) => creatorId),
      held.map(({ payoutId }) => payoutId),
      held.map(({ lease }) => lease.toString()),
      leaseMs,
    ];
    await this.pool.query({ ...RENEW, values });
  }

  /** The transfer as it is then; undefined when the claim was lost: whoever has it now goes on. */
  async change(transfer: Transfer, change: TransferChange): Promise<Transfer | undefined> {
    const after = { ...transfer, ...change };
    const conflict = change.conflict === null ? undefined : after.conflict;
    const { rows } = await this.pool.query<TransferColumns>({
      ...CHANGE,
      values: [
        transfer.creatorId,
        transfer.payoutId,
        transfer.lease.toString(),
        transfer.version.toString(),
        after.state,
        after.ledgerState,
        after.reference,
        after.failure?.code,
        after.failure?.reason,
        conflict?.code,
        conflict?.detail,
        after.attempts,
        after.tries,
        after.lastError,
        change.dueInMs,
        change.keep ?? false,
        after.sentRecorded,
      ],
    });
    return rows[0] && transferOf(rows[0]);
  }

  /** The newest first. */
  async list({ state, creatorId, limit, before }: TransferFilter): Promise<readonly Transfer[]> {
    const values = [state, creatorId, before?.toString(), limit];
    const { rows } = await this.pool.query<TransferColumns>({ ...LIST, values });
    return rows.map(transferOf);
  }

  async find(db: Db, creatorId: string, payoutId: string): Promise<Transfer | undefined> {
    const text = 'select * from payouts.transfers where creator_id = $1 and payout_id = $2';
    const { rows } = await db.query<TransferColumns>({
      name: 'payouts-find',
      text,
      values: [creatorId, payoutId],
    });
    return rows[0] && transferOf(rows[0]);
  }

  async findByReference(db: Db, reference: string): Promise<Transfer | undefined> {
    const text = 'select * from payouts.transfers where reference = $1 order by seq limit 1';
    const { rows } = await db.query<TransferColumns>({
      name: 'payouts-find-by-reference',
      text,
      values: [reference],
    });
    return rows[0] && transferOf(rows[0]);
  }

  /** How many are in conflict; quick however many transfers there are. */
  async conflicts(): Promise<number> {
    const { rows } = await this.pool.query<{ count: number }>({
      name: 'payouts-conflicts',
      text: 'select count(*)::int as count from payouts.transfers where conflict is not null',
    });
    return rows[0]!.count;
  }

  /** How many are in each state, and how many conflicts there are. */
  async counts(): Promise<Readonly<Record<string, number>>> {
    const { rows } = await this.pool.query<{ state: string; count: string }>(statement('count-transfers'));
    return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
  }
}

const timeOf = (at: Date | null): number | undefined => at?.getTime();

function transferOf(row: TransferColumns): Transfer {
  const { failure_code: code, failure_reason: reason, conflict, conflict_detail: detail } = row;
  const lastAttemptAt = timeOf(row.last_attempt_at);
  const dueAt = timeOf(row.due_at);
  return {
    seq: BigInt(row.seq),
    creatorId: row.creator_id,
    payoutId: row.payout_id,
    amountCents: BigInt(row.amount_cents),
    currency: row.currency,
    provider: row.provider,
    destination: row.destination,
    state: row.state,
    ledgerState: row.ledger_state,
    sentRecorded: row.sent_recorded,
    ...(row.failed_from === null ? {} : { failedFrom: row.failed_from }),
    ...(row.reference === null ? {} : { reference: row.reference }),
    ...(code === null || reason === null ? {} : { failure: { code, reason } }),
    ...(conflict === null ? {} : { conflict: { code: conflict, detail: detail ?? '' } }),
    attempts: row.attempts,
    tries: row.tries,
    ...(lastAttemptAt === undefined ? {} : { lastAttemptAt }),
    ...(row.last_error === null ? {} : { lastError: row.last_error }),
    requestedAt: row.requested_at.getTime(),
    changedAt: row.changed_at.getTime(),
    ...(dueAt === undefined ? {} : { dueAt }),
    lease: BigInt(row.lease),
    version: BigInt(row.version),
  };
}
