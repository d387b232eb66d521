import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { ListedItem, PayoutRuns } from '#libs/payouts/runs/payout-runs.js';
import type { RunCandidate, RunRules } from '#libs/payouts/runs/run.js';
import { type PayoutSchedule, scheduledRunId, scheduleStart } from '#libs/payouts/runs/schedule.js';
import { inTransaction } from '#libs/platform/transaction.js';
import { PAYOUT_WORKER, type PayoutLedger } from './ledger.js';

/** What creators can be paid at a time, as far as the read model shows it. */
export interface Candidates {
  /** Place in the log that the pages show at least; undefined while the read model is behind the log or not there. */
  position(): Promise<string | undefined>;
  /** In the order of creator ids. */
  pages(t: number): AsyncIterable<readonly RunCandidate[]>;
}

export interface RunOptions {
  readonly pool: Pool;
  readonly runs: PayoutRuns;
  readonly ledger: PayoutLedger;
  readonly candidates: Candidates;
  readonly rules: RunRules;
  readonly schedule: PayoutSchedule | 'none';
  /** Whether scheduled runs wait for nobody. */
  readonly approveAtOnce: boolean;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onTrouble: (error: unknown) => void;
  readonly onRun?: (runId: string, what: 'prepared' | 'done') => void;
  readonly at?: (point: RunPoint) => Promise<void>;
  readonly pollMs?: number;
}

/** Where a test may stop the process. */
export type RunPoint = 'after_request';

const POLL_MS = 1_000;
const PAGE = 200;
const IN_FLIGHT_MAX = 8;

/** Prepares scheduled runs and carries out approved ones, until the signal fires. Meant to lead, safe when it does not. */
export async function runPayoutRuns(options: RunOptions): Promise<void> {
  const { signal, onTrouble, pollMs = POLL_MS } = options;
  while (!signal.aborted) {
    try {
      await prepareScheduled(options);
      await carryOutApproved(options);
    } catch (error) {
      onTrouble(error);
    }
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * Prepares the run of the period that has begun, once, whoever comes first. Periods that began before this schedule was
 * set get none: setting one pays nobody at once.
 */
export async function prepareScheduled(options: RunOptions): Promise<string | undefined> {
  const { schedule, runs, candidates, approveAtOnce, rules, now, onRun } = options;
  const judgedAt = now();
  if (schedule === 'none') {
    await runs.scheduledSince(schedule, judgedAt);
    return undefined;
  }
  const since = await runs.scheduledSince(schedule, judgedAt);
  const start = scheduleStart(schedule, judgedAt);
  const runId = scheduledRunId(schedule, start);
  if (start < since || (await runs.find(runId)) !== undefined) return undefined;
  const position = await candidates.position();
  if (position === undefined) return undefined;
  const prepared = await inTransaction(options.pool, (tx) =>
    runs.prepare(
      tx,
      {
        runId,
        period: runId,
        judgedAt,
        position,
        preparedBy: PAYOUT_WORKER,
        ...(approveAtOnce ? { approvedBy: PAYOUT_WORKER } : {}),
        rules,
      },
      candidates.pages(judgedAt),
    ),
  );
  if (!prepared) return undefined;
  onRun?.(runId, 'prepared');
  return runId;
}

/** Requests the payouts of approved runs, one run after another. */
export async function carryOutApproved(options: RunOptions): Promise<void> {
  const { runs, signal, onRun } = options;
  while (!signal.aborted) {
    const runId = await runs.begin();
    if (runId === undefined) return;
    await requestAll(options, runId);
    if (await runs.end(runId)) onRun?.(runId, 'done');
    // Something of it could not be requested now: the next pass tries again.
    else return;
  }
}

async function requestAll(options: RunOptions, runId: string): Promise<void> {
  const { runs, signal } = options;
  for (let after = 0n; !signal.aborted;) {
    const page = await runs.listed(runId, { after, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) return;
    const waiting = page.values();
    await Promise.all(
      Array.from({ length: IN_FLIGHT_MAX }, async () => {
        for (const item of waiting) {
          if (signal.aborted) return;
          await requestOne(options, runId, item);
        }
      }),
    );
    after = last.seq;
  }
}

/** The command's key follows from the run: after a crash in between, the answer is that of the first time. */
async function requestOne(options: RunOptions, runId: string, item: ListedItem): Promise<void> {
  const { runs, ledger, at, onTrouble } = options;
  try {
    const outcome = await ledger.requestListed(runId, item);
    await at?.('after_request');
    await runs.endItem(runId, item, outcome);
  } catch (error) {
    onTrouble(error);
  }
}
