import { appendTable, mergeTable } from '#libs/projection-runner/projection.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const sql = (file: string): string => sqlFile(import.meta.dirname, file);

/**
 * What is used of a wallet. A draw alone changes only its lot, which carries the time too. Use within a period is summed,
 * use in a later one replaces it, use given back for an earlier one is forgotten: as in the fold of the wallet.
 */
export interface WalletUseRow {
  readonly userId: string;
  /** The plan was changed or a monthly lot was granted in this period. */
  readonly grantedPeriodMs: number | undefined;
  /** An unlimited plan covered `allowanceUsed` more in this period. */
  readonly allowancePeriodMs: number | undefined;
  readonly allowanceUsed: bigint;
  /** `testRuns` more were counted in this period. */
  readonly testPeriodMs: number | undefined;
  readonly testRuns: number;
  readonly uncollected: bigint;
  readonly lastAtMs: number;
  /** 0 when time alone did it. */
  readonly movedAtMs: number;
}

export const walletUses = mergeTable<WalletUseRow>(
  'wallets',
  [
    'userId',
    'grantedPeriodMs',
    'allowancePeriodMs',
    'allowanceUsed',
    'testPeriodMs',
    'testRuns',
    'uncollected',
    'lastAtMs',
    'movedAtMs',
  ],
  {
    key: (row) => row.userId,
    combine: (earlier, later) => ({
      userId: later.userId,
      grantedPeriodMs: later.grantedPeriodMs ?? earlier.grantedPeriodMs,
      ...allowanceOf(earlier, later),
      ...testRunsOf(earlier, later),
      uncollected: earlier.uncollected + later.uncollected,
      lastAtMs: later.lastAtMs,
      movedAtMs: Math.max(earlier.movedAtMs, later.movedAtMs),
    }),
    sql: sql('use-wallets.sql'),
  },
);

/** Which of two uses counts, by their periods: both within one, else the later; no period is the earliest. */
function laterUse(earlier: number | undefined, later: number | undefined): 'both' | 'earlier' | 'later' {
  if (earlier === later) return 'both';
  return (earlier ?? -1) > (later ?? -1) ? 'earlier' : 'later';
}

type Allowance = Pick<WalletUseRow, 'allowancePeriodMs' | 'allowanceUsed'>;

function allowanceOf(earlier: WalletUseRow, later: WalletUseRow): Allowance {
  const use = laterUse(earlier.allowancePeriodMs, later.allowancePeriodMs);
  const { allowancePeriodMs, allowanceUsed } = use === 'earlier' ? earlier : later;
  return {
    allowancePeriodMs,
    allowanceUsed: use === 'both' ? earlier.allowanceUsed + later.allowanceUsed : allowanceUsed,
  };
}

function testRunsOf(
  earlier: WalletUseRow,
  later: WalletUseRow,
): Pick<WalletUseRow, 'testPeriodMs' | 'testRuns'> {
  const use = laterUse(earlier.testPeriodMs, later.testPeriodMs);
  const { testPeriodMs, testRuns } = use === 'earlier' ? earlier : later;
  return { testPeriodMs, testRuns: use === 'both' ? earlier.testRuns + later.testRuns : testRuns };
}

/** What is set for a wallet; undefined: as it was, an empty text: none. */
export interface WalletSettingRow {
  readonly userId: string;
  readonly status: string | undefined;
  readonly frozenFor: string | undefined;
  readonly plan: string | undefined;
  readonly planTable: string | undefined;
  readonly planTableVersion: number | undefined;
  readonly coverage: string | undefined;
  readonly scheduledPlan: string | undefined;
  readonly scheduledAtMs: number | undefined;
  /** Credits, the largest first, with commas between them. */
  readonly thresholds: string | undefined;
}

export const walletSettings = mergeTable<WalletSettingRow>(
  'settings of wallets',
  [
    'userId',
    'status',
    'frozenFor',
    'plan',
    'planTable',
    'planTableVersion',
    'coverage',
    'scheduledPlan',
    'scheduledAtMs',
    'thresholds',
  ],
  {
    key: (row) => row.userId,
    combine: (earlier, later) => ({
      userId: later.userId,
      status: later.status ?? earlier.status,
      frozenFor: later.frozenFor ?? earlier.frozenFor,
      plan: later.plan ?? earlier.plan,
      planTable: later.planTable ?? earlier.planTable,
      planTableVersion: later.planTableVersion ?? earlier.planTableVersion,
      coverage: later.coverage ?? earlier.coverage,
      scheduledPlan: later.scheduledPlan ?? earlier.scheduledPlan,
      scheduledAtMs: later.scheduledPlan === undefined ? earlier.scheduledAtMs : later.scheduledAtMs,
      thresholds: later.thresholds ?? earlier.thresholds,
    }),
    sql: sql('set-wallets.sql'),
  },
);

/** A payment that lets a paid plan run in `[fromMs, untilMs)`. */
export interface PaidPeriodRow {
  readonly userId: string;
  readonly paymentId: string;
  readonly plan: string;
  readonly amount: bigint;
  readonly paidAtMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

export const paidPeriods = appendTable<PaidPeriodRow>('paid_periods', [
  'userId',
  'paymentId',
  'plan',
  'amount',
  'paidAtMs',
  'fromMs',
  'untilMs',
]);

/** An open hold; what it reserves of lots is in `parts` alone, as JSON. */
export interface HoldRow {
  readonly userId: string;
  readonly holdId: string;
  readonly runId: string;
  readonly model: string;
  readonly purpose: string;
  readonly byok: boolean;
  readonly creatorId: string | undefined;
  readonly creatorFee: bigint;
  readonly amount: bigint;
  readonly allowance: bigint;
  readonly policy: string;
  readonly rateCard: string;
  readonly rateCardVersion: number;
  readonly byokFeeBasisPoints: bigint;
  readonly heldAtMs: number;
  readonly expiresAtMs: number;
  /** Revision of the event: the order in which holds were made. */
  readonly sequence: number;
  readonly parts: string;
}

export const holds = appendTable<HoldRow>('holds', [
  'userId',
  'holdId',
  'runId',
  'model',
  'purpose',
  'byok',
  'creatorId',
  'creatorFee',
  'amount',
  'allowance',
  'policy',
  'rateCard',
  'rateCardVersion',
  'byokFeeBasisPoints',
  'heldAtMs',
  'expiresAtMs',
  'sequence',
  'parts',
]);

/** A hold that is over. It may be gone already when it is settled: then it had been released before. */
export interface HoldEndRow {
  readonly userId: string;
  readonly holdId: string;
  readonly released: boolean;
  /** Period of the settling charge of a test run: the run is counted if the hold was released before. */
  readonly testPeriodMs: number | undefined;
}

export const holdEnds = mergeTable<HoldEndRow>('holds', ['userId', 'holdId', 'released', 'testPeriodMs'], {
  key: (row) => `${row.userId} ${row.holdId}`,
  combine: (earlier, later) => ({
    userId: later.userId,
    holdId: later.holdId,
    released: earlier.released || later.released,
    testPeriodMs: later.testPeriodMs ?? earlier.testPeriodMs,
  }),
  sql: sql('end-holds.sql'),
});

/** What a prompt is from now on; a deleted one has visibility `deleted` and size 0. */
export interface PromptRow {
  readonly userId: string;
  readonly promptId: string;
  readonly visibility: string;
  readonly sizeBytes: number;
}

export const prompts = mergeTable<PromptRow>('prompts', ['userId', 'promptId', 'visibility', 'sizeBytes'], {
  key: (row) => `${row.userId} ${row.promptId}`,
  combine: (_, later) => later,
  sql: sql('put-prompts.sql'),
});
