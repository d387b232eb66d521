import type { ClientBase, Pool } from 'pg';
import { statement } from '../sql-file.js';
import {
  type Exclusion,
  type ItemState,
  judgeCandidate,
  type PayoutRun,
  type RunCandidate,
  type RunItem,
  type RunRules,
  type RunState,
} from './run.js';

const ADD = statement('add-run');
const ADD_ITEMS = statement('add-run-items');
const RUNS = statement('runs');
const ITEMS = statement('run-items');
const DECIDE = statement('decide-run');
const NEXT_LISTED = statement('next-listed');
const KEEP_SCHEDULE = statement('keep-schedule');

type Db = Pick<Pool, 'query'> | Pick<ClientBase, 'query'>;

export interface PreparedRun {
  readonly runId: string;
  /** There is one run a period. */
  readonly period?: string;
  /** Milliseconds since the epoch. */
  readonly judgedAt: number;
  readonly position: string;
  readonly preparedBy: string;
  /** Approves it at once, in this principal's name. */
  readonly approvedBy?: string;
  readonly rules: RunRules;
}

interface RunColumns {
  readonly seq: string;
  readonly run_id: string;
  readonly period: string | null;
  readonly state: RunState;
  readonly judged_at: Date;
  readonly position: string;
  readonly prepared_at: Date;
  readonly prepared_by: string;
  readonly decided_at: Date | null;
  readonly decided_by: string | null;
  readonly started_at: Date | null;
  readonly done_at: Date | null;
  readonly creators: string;
  readonly listed: string;
  readonly excluded: string;
  readonly requested: string;
  readonly skipped: string;
  readonly amount_cents: string;
  readonly requested_cents: string;
}

interface ItemColumns {
  readonly seq: string;
  readonly creator_id: string;
  readonly payable: string;
  readonly amount_cents: string;
  readonly state: ItemState;
  readonly reason: string | null;
  readonly provider: string | null;
  readonly destination: string | null;
  readonly payout_id: string | null;
  readonly requested_cents: string | null;
  readonly transfer_state: string | null;
}

/** What is still to be requested of a run. */
export interface ListedItem {
  readonly seq: bigint;
  readonly creatorId: string;
  readonly amountCents: bigint;
}

/** What became of an item. */
export type ItemOutcome =
  | { readonly state: 'requested'; readonly payoutId: string; readonly requestedCents: bigint }
  | { readonly state: 'skipped'; readonly reason: string };

/** Payout runs in Postgres. */
export class PayoutRuns {
  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  /**
   * Writes a run with all its candidates, inside the caller's transaction. False when the period has its run already:
   * nothing was written.
   */
  async prepare(
    tx: ClientBase,
    { runId, period, judgedAt, position, preparedBy, approvedBy, rules }: PreparedRun,
    pages: AsyncIterable<readonly RunCandidate[]>,
  ): Promise<boolean> {
    const state: RunState = approvedBy === undefined ? 'prepared' : 'approved';
    const values = [runId, period, state, judgedAt, position, preparedBy, approvedBy];
    if ((await tx.query({ ...ADD, values })).rowCount === 0) return false;
    for await (const page of pages) {
      // Nothing is owed, in whole credits: nothing to say.
      const owed = page.filter(({ payable }) => payable !== 0n);
      if (owed.length > 0) await addItems(tx, runId, owed, rules);
    }
    return true;
  }

  async find(runId: string): Promise<PayoutRun | undefined> {
    const { rows } = await this.pool.query<RunColumns>({ ...RUNS, values: [runId, null, 1] });
    return rows[0] && runOf(rows[0]);
  }

  /** The newest first. */
  async list(page: { readonly limit: number; readonly before?: bigint }): Promise<readonly PayoutRun[]> {
    const values = [null, page.before?.toString() ?? null, page.limit];
    const { rows } = await this.pool.query<RunColumns>({ ...RUNS, values });
    return rows.map(runOf);
  }

  /** In the order of creator ids. */
  async items(
    runId: string,
    page: { readonly after: bigint; readonly limit: number },
  ): Promise<readonly RunItem[]> {
    const values = [runId, page.after.toString(), page.limit];
    const { rows } = await this.pool.query<ItemColumns>({ ...ITEMS, values });
    return rows.map(itemOf);
  }

  /** False when the run does not wait for a decision any more, or does not exist. */
  async decide(
    tx: Db,
    runId: string,
    decision: { readonly state: 'approved' | 'rejected'; readonly by: string },
  ): Promise<boolean> {
    const { rowCount } = await tx.query({ ...DECIDE, values: [runId, decision.state, decision.by] });
    return rowCount === 1;
  }

  /** The approved run that waits longest; undefined when there is none. */
  async begin(): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ run_id: string }>({
      name: 'payouts-begin-run',
      text: `update payouts.runs set state = 'running', started_at = coalesce(started_at, now())
        where run_id = (
          select run_id from payouts.runs where state in ('approved', 'running') order by decided_at, seq limit 1
        )
        returning run_id`,
    });
    return rows[0]?.run_id;
  }

  async listed(
    runId: string,
    page: { readonly after: bigint; readonly limit: number },
  ): Promise<readonly ListedItem[]> {
    const values = [runId, page.after.toString(), page.limit];
    const { rows } = await this.pool.query<ItemColumns>({ ...NEXT_LISTED, values });
    return rows.map(({ seq, creator_id: creatorId, amount_cents: amount }) => ({
      seq: BigInt(seq),
      creatorId,
      amountCents: BigInt(amount),
    }));
  }

  async endItem(runId: string, { creatorId }: ListedItem, outcome: ItemOutcome): Promise<void> {
    const requested = outcome.state === 'requested' ? outcome : undefined;
    await this.pool.query({
      name: 'payouts-end-item',
      text: `update payouts.run_items set state = $3, reason = $4, payout_id = $5, requested_cents = $6
        where run_id = $1 and creator_id = $2 and state = 'listed'`,
      values: [
        runId,
        creatorId,
        outcome.state,
        outcome.state === 'skipped' ? outcome.reason : null,
        requested?.payoutId,
        requested?.requestedCents.toString(),
      ],
    });
  }

  /** Ends the run once nothing of it is left to be requested. */
  async end(runId: string): Promise<boolean> {
    const { rowCount } = await this.pool.query({
      name: 'payouts-end-run',
      text: `update payouts.runs set state = 'done', done_at = now()
        where run_id = $1 and state = 'running'
          and not exists (select from payouts.run_items where run_id = $1 and state = 'listed')`,
      values: [runId],
    });
    return rowCount === 1;
  }

  /** Since when runs are made by this schedule: from now on when another one was followed before. */
  async scheduledSince(schedule: string, now: number): Promise<number> {
    const { rows } = await this.pool.query<{ since_ms: string }>({
      ...KEEP_SCHEDULE,
      values: [schedule, now],
    });
    return Number(rows[0]!.since_ms);
  }
}

async function addItems(
  tx: ClientBase,
  runId: string,
  candidates: readonly RunCandidate[],
  rules: RunRules,
): Promise<void> {
  const judged = candidates.map((candidate) => ({ candidate, ...judgeCandidate(candidate, rules) }));
  const state = (exclusion: Exclusion | undefined): ItemState =>
    exclusion === undefined ? 'listed' : 'excluded';
  const values = [
    runId,
    judged.map(({ candidate }) => candidate.creatorId),
    judged.map(({ candidate }) => candidate.payable.toString()),
    judged.map(({ amountCents }) => amountCents.toString()),
    judged.map(({ exclusion }) => state(exclusion)),
    judged.map(({ exclusion }) => exclusion ?? null),
    judged.map(({ candidate }) => candidate.destination?.provider ?? null),
    judged.map(({ candidate }) => candidate.destination?.reference ?? null),
  ];
  await tx.query({ ...ADD_ITEMS, values });
}

const timeOf = <Name extends string>(name: Name, at: Date | null): Partial<Record<Name, number>> =>
  at === null ? {} : ({ [name]: at.getTime() } as Partial<Record<Name, number>>);

function runOf(row: RunColumns): PayoutRun {
  return {
    seq: BigInt(row.seq),
    runId: row.run_id,
    ...(row.period === null ? {} : { period: row.period }),
    state: row.state,
    judgedAt: row.judged_at.getTime(),
    position: row.position,
    preparedAt: row.prepared_at.getTime(),
    preparedBy: row.prepared_by,
    ...timeOf('decidedAt', row.decided_at),
    ...(row.decided_by === null ? {} : { decidedBy: row.decided_by }),
    ...timeOf('startedAt', row.started_at),
    ...timeOf('doneAt', row.done_at),
    totals: {
      creators: Number(row.creators),
      listed: Number(row.listed),
      excluded: Number(row.excluded),
      requested: Number(row.requested),
      skipped: Number(row.skipped),
      amountCents: BigInt(row.amount_cents),
      requestedCents: BigInt(row.requested_cents),
    },
  };
}

function itemOf(row: ItemColumns): RunItem {
  const { provider, destination: reference } = row;
  return {
    seq: BigInt(row.seq),
    creatorId: row.creator_id,
    payable: BigInt(row.payable),
    amountCents: BigInt(row.amount_cents),
    state: row.state,
    ...(provider === null || reference === null ? {} : { destination: { provider, reference } }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.payout_id === null ? {} : { payoutId: row.payout_id }),
    ...(row.requested_cents === null ? {} : { requestedCents: BigInt(row.requested_cents) }),
    ...(row.transfer_state === null ? {} : { transferState: row.transfer_state }),
  };
}
