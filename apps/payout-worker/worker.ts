import type { Pool } from 'pg';
import type { CreatorExecutor } from '#libs/application/write-path.js';
import type { Clock } from '#libs/kernel/clock.js';
import type { Pauses } from '#libs/payouts/back-off.js';
import { type DueNotice, ProviderNotices } from '#libs/payouts/notices.js';
import type { PayoutProvider } from '#libs/payouts/provider.js';
import { PayoutRuns } from '#libs/payouts/runs/payout-runs.js';
import type { PayoutSchedule } from '#libs/payouts/runs/schedule.js';
import type { Transfer } from '#libs/payouts/transfer.js';
import { PayoutTransfers } from '#libs/payouts/transfers.js';
import { runAsLeader } from '#libs/platform/leadership.js';
import type { WorkerPoint } from './advance.js';
import { runDispatcher } from './dispatcher.js';
import { PayoutLedger } from './ledger.js';
import { runNotices } from './notices.js';
import { type Candidates, type RunPoint, runPayoutRuns } from './runs.js';

/** What payout workers of several processes take turns in. */
export const RUNS_LEADERSHIP = 'payout-runs';

export interface WorkerOptions {
  readonly pool: Pool;
  readonly databaseUrl: string;
  readonly creators: CreatorExecutor;
  readonly provider: PayoutProvider;
  readonly candidates: Candidates;
  /** Smallest payout in credits. */
  readonly minimum: bigint;
  readonly schedule: PayoutSchedule | 'none';
  readonly approveAtOnce: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onTrouble: (error: unknown, about: Readonly<Record<string, string>>) => void;
  readonly onRun?: (runId: string, what: 'prepared' | 'done') => void;
  /** For tests that stop the process there. */
  readonly at?: (point: WorkerPoint | RunPoint) => Promise<void>;
  readonly pauses?: Pauses;
  readonly pollMs?: number;
  readonly leaseMs?: number;
  readonly quietMs?: number;
}

/** Everything of the payout worker but its consumer: transfers, what providers tell, runs. Ends with the signal. */
export async function runPayoutWorker(options: WorkerOptions): Promise<void> {
  const { pool, provider, clock, signal, onTrouble, at, pauses, pollMs, leaseMs, quietMs } = options;
  const transfers = new PayoutTransfers(pool);
  const ledger = new PayoutLedger(options.creators);
  const common = {
    random: Math.random,
    signal,
    ...(pollMs === undefined ? {} : { pollMs }),
    ...(at === undefined ? {} : { at }),
  };
  await Promise.all([
    runDispatcher({
      ...common,
      transfers,
      provider,
      ledger,
      now: () => clock.now(),
      onTrouble: (error, transfer) => onTrouble(error, payoutOf(transfer)),
      ...(pauses === undefined ? {} : { pauses }),
      ...(leaseMs === undefined ? {} : { leaseMs }),
      ...(quietMs === undefined ? {} : { quietMs }),
    }),
    runNotices({
      ...common,
      pool,
      notices: new ProviderNotices(pool),
      transfers,
      provider,
      onTrouble: (error, notice) => onTrouble(error, noticeOf(notice)),
    }),
    runAsLeader({
      url: options.databaseUrl,
      name: RUNS_LEADERSHIP,
      signal,
      onTrouble: (error) => onTrouble(error, { what: 'leadership of payout runs' }),
      work: (leading) => leadRuns(options, ledger, leading),
    }),
  ]);
}

function leadRuns(options: WorkerOptions, ledger: PayoutLedger, signal: AbortSignal): Promise<void> {
  const {
    pool,
    candidates,
    minimum,
    provider,
    schedule,
    approveAtOnce,
    clock,
    onTrouble,
    onRun,
    at,
    pollMs,
  } = options;
  return runPayoutRuns({
    pool,
    runs: new PayoutRuns(pool),
    ledger,
    candidates,
    rules: { minimum, accepts: (name) => provider.accepts(name) },
    schedule,
    approveAtOnce,
    now: () => clock.now(),
    signal,
    onTrouble: (error) => onTrouble(error, { what: 'payout runs' }),
    ...(onRun === undefined ? {} : { onRun }),
    ...(at === undefined ? {} : { at }),
    ...(pollMs === undefined ? {} : { pollMs }),
  });
}

const payoutOf = (transfer: Transfer | undefined): Readonly<Record<string, string>> =>
  transfer === undefined
    ? { what: 'transfers' }
    : { what: 'transfer', creatorId: transfer.creatorId, payoutId: transfer.payoutId };

const noticeOf = (notice: DueNotice | undefined): Readonly<Record<string, string>> =>
  notice === undefined ? { what: 'notices' } : { what: notice.type, notice: notice.id };
