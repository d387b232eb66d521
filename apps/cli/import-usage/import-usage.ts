import { CliError } from '../failure.js';
import type { LedgerHttp } from '../http/ledger-http.js';
import { PATIENCE_MS, type Patience } from '../http/with-patience.js';
import { type AccountsOutcome, prepareAccounts } from './accounts.js';
import { chargeBatch, type ChargeRow, type FinalOutcome } from './charge-rows.js';
import { Lanes } from './lanes.js';
import type { UsageOptions } from './options.js';
import { planChooser } from './plans.js';
import { Progress, type ProgressOutput } from './progress.js';
import { RejectsFile } from './rejects.js';
import { type Summary, Tally } from './tally.js';
import { readUsage, type Survey } from './usage-file.js';

export interface ImportRun {
  readonly path: string;
  /** What `surveyUsage` found in the file. */
  readonly survey: Survey;
  readonly usage: UsageOptions;
  readonly http: LedgerHttp;
  readonly rejectsPath: string;
  /** Where progress and notes go. */
  readonly output: ProgressOutput;
  readonly signal: AbortSignal;
  /** How long requests are tried again. Default: a minute without an answer. */
  readonly patienceMs?: number;
}

export interface ImportResult {
  readonly summary: Summary;
  /** Every row is charged as the file says. */
  readonly clean: boolean;
  readonly accounts: AccountsOutcome;
  /** Rows in the rejects file; without any there is no file. */
  readonly rejects: number;
}

/** Bulk requests in flight: two cores of a server are busy with them, a third waits. */
const LANES = 4;
const BATCH_ROWS_MAX = 1_000;
const BATCH_ROWS_MIN = 100;
/** So many batches a lane at least, for a bar that moves in small files. */
const BATCHES_PER_LANE = 10;
const NOTE_EVERY_MS = 10_000;

/**
 * Replays a usage file through the public endpoints: wallets and purchases first, then every row in bulks, each
 * user's rows in the order of the file. Running it again, also after it was killed half way, charges nothing twice.
 * @throws CliError when the file is not the one surveyed any more, or the ledger cannot be reached for too long
 */
export async function importUsage(run: ImportRun): Promise<ImportResult> {
  const startedAt = performance.now();
  const { survey } = run;
  const rejects = await RejectsFile.open(run.rejectsPath, survey.form.columns);
  try {
    const accounts = await openAccounts(run);
    const tally = new Tally();
    const progress = new Progress(run.output, survey.rows);
    try {
      await chargeAll({ run, rejects, progress, patience: patienceOf(run, progress), tally });
    } finally {
      progress.end(tally.rows);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    return { summary: tally.summary(seconds), clean: tally.clean, accounts, rejects: rejects.count };
  } finally {
    await rejects.close();
  }
}

async function openAccounts(run: ImportRun): Promise<AccountsOutcome> {
  const { users, prefix } = run.survey;
  const progress = new Progress(run.output, users.length, 'users');
  let done = 0;
  const patience = patienceOf(run, progress);
  const accounts = await prepareAccounts({
    http: run.http,
    users,
    filePrefix: prefix,
    planOf: await planChooser(run.http, run.usage, run.survey, patience),
    credits: run.usage.credits,
    patience,
    onUser: () => progress.update(++done),
  });
  progress.clear();
  noteAccounts(accounts, run.usage, progress);
  return accounts;
}

interface Charging {
  readonly run: ImportRun;
  readonly rejects: RejectsFile;
  readonly progress: Progress;
  readonly patience: Patience;
  readonly tally: Tally;
}

async function chargeAll(charging: Charging): Promise<void> {
  const { run, rejects, progress, patience, tally } = charging;
  const { survey } = run;
  const onOutcome = outcomeSink(charging);
  const lanes = new Lanes<ChargeRow>({
    lanes: LANES,
    batchMax: batchRows(survey.rows),
    send: (rows) => chargeBatch(rows, { http: run.http, patience, onOutcome }),
  });
  try {
    for await (const rows of readUsage(run.path, survey, run.usage)) {
      for (const row of rows) {
        run.signal.throwIfAborted();
        if (row.kind === 'charge') {
          await lanes.add(row.item.userId, row);
        } else {
          tally.malformed++;
          await rejects.write({ ...row, kind: 'malformed' });
          progress.update(tally.rows);
        }
      }
    }
    await lanes.finish();
  } catch (error) {
    await lanes.settle();
    throw error;
  }
  if (tally.rows !== survey.rows) {
    throw new CliError(
      `${survey.rows} rows were read, ${tally.rows} have an outcome: a mistake of this program.`,
    );
  }
}

/** Counts an outcome; a run that stands in the file twice is charged once and counts once in the totals. */
function outcomeSink({ run, rejects, progress, tally }: Charging) {
  const summed = run.survey.form.mayRepeatRuns ? new Set<string>() : undefined;
  return async ({ line, cells, item }: ChargeRow, outcome: FinalOutcome): Promise<void> => {
    tally[outcome.kind]++;
    if ('cost' in outcome) {
      const charged = `${item.userId} ${item.runId}`;
      if (!summed?.has(charged)) tally.addCost(outcome.cost);
      summed?.add(charged);
    } else {
      await rejects.write({ line, cells, kind: outcome.kind, reason: outcome.reason });
    }
    progress.update(tally.rows);
  };
}

const batchRows = (rows: number): number =>
  Math.max(BATCH_ROWS_MIN, Math.min(BATCH_ROWS_MAX, Math.ceil(rows / (LANES * BATCHES_PER_LANE))));

function patienceOf({ http, patienceMs = PATIENCE_MS, signal }: ImportRun, progress: Progress): Patience {
  let notedAt = -Infinity;
  return {
    patienceMs,
    signal,
    onWait(reason) {
      if (performance.now() - notedAt < NOTE_EVERY_MS) return;
      notedAt = performance.now();
      progress.note(`The ledger at ${http.url} does not take requests just now (${reason}); trying again.`);
    },
  };
}

function noteAccounts(accounts: AccountsOutcome, { credits }: UsageOptions, progress: Progress): void {
  if (accounts.creditedOtherwise > 0) {
    progress.note(
      `${accounts.creditedOtherwise} users have made this file's purchase before with another amount: ` +
        `--credits ${credits} has no effect on them.`,
    );
  }
  for (const { userId, reason } of accounts.refused.slice(0, REFUSALS_SHOWN_MAX)) {
    progress.note(`Wallet or purchase of ${userId} was refused: ${reason}`);
  }
  const more = accounts.refused.length - REFUSALS_SHOWN_MAX;
  if (more > 0) progress.note(`... and of ${more} more.`);
}

const REFUSALS_SHOWN_MAX = 5;
