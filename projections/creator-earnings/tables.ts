import { mergeTable } from '#libs/projection-runner/projection.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const sql = (file: string): string => sqlFile(import.meta.dirname, file);

/** To be added to what a creator has earned and been paid; the destination replaces the one before. */
export interface CreatorEarningsRow {
  readonly creatorId: string;
  /** Credits, as all amounts. */
  readonly earned: bigint;
  readonly reversed: bigint;
  readonly inPayout: bigint;
  readonly paid: bigint;
  readonly promptSources: number;
  readonly flowSources: number;
  readonly firstEarnedAtMs: number | undefined;
  readonly lastEarnedAtMs: number | undefined;
  readonly destinationProvider: string | undefined;
  readonly destinationReference: string | undefined;
}

export const NO_EARNINGS: Omit<CreatorEarningsRow, 'creatorId'> = {
  earned: 0n,
  reversed: 0n,
  inPayout: 0n,
  paid: 0n,
  promptSources: 0,
  flowSources: 0,
  firstEarnedAtMs: undefined,
  lastEarnedAtMs: undefined,
  destinationProvider: undefined,
  destinationReference: undefined,
};

export const earningsRows = mergeTable<CreatorEarningsRow>(
  'creator_earnings',
  [
    'creatorId',
    'earned',
    'reversed',
    'inPayout',
    'paid',
    'promptSources',
    'flowSources',
    'firstEarnedAtMs',
    'lastEarnedAtMs',
    'destinationProvider',
    'destinationReference',
  ],
  {
    key: (row) => row.creatorId,
    combine: (earlier, later) => ({
      creatorId: later.creatorId,
      earned: earlier.earned + later.earned,
      reversed: earlier.reversed + later.reversed,
      inPayout: earlier.inPayout + later.inPayout,
      paid: earlier.paid + later.paid,
      promptSources: earlier.promptSources + later.promptSources,
      flowSources: earlier.flowSources + later.flowSources,
      firstEarnedAtMs: chosen(Math.min, earlier.firstEarnedAtMs, later.firstEarnedAtMs),
      lastEarnedAtMs: chosen(Math.max, earlier.lastEarnedAtMs, later.lastEarnedAtMs),
      destinationProvider: later.destinationProvider ?? earlier.destinationProvider,
      destinationReference: later.destinationReference ?? earlier.destinationReference,
    }),
    sql: sql('add-earnings.sql'),
  },
);

function chosen(
  choose: (a: number, b: number) => number,
  a: number | undefined,
  b: number | undefined,
): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : choose(a, b);
}

/** To be added to what was earned on a day (UTC) of charges and unlocks. */
export interface CreatorDayRow {
  readonly creatorId: string;
  readonly dayMs: number;
  readonly earned: bigint;
  readonly reversed: bigint;
}

export const dayRows = mergeTable<CreatorDayRow>(
  'creator_days',
  ['creatorId', 'dayMs', 'earned', 'reversed'],
  {
    key: (row) => `${row.creatorId}\n${row.dayMs}`,
    combine: (earlier, later) => ({
      ...later,
      earned: earlier.earned + later.earned,
      reversed: earlier.reversed + later.reversed,
    }),
    sql: sql('add-days.sql'),
  },
);

/** What may move in a month: earnings and their reversals by source, how earnings were funded, payouts by step. */
export const EARNED_KINDS = ['earned_prompt', 'earned_flow'] as const;
export const REVERSED_KINDS = ['reversed_prompt', 'reversed_flow'] as const;
export const FUNDED_KINDS = [
  'funded_purchased',
  'funded_promo',
  'funded_monthly',
  'funded_adjustment',
  'funded_legacy',
  'funded_allowance',
  'funded_uncollected',
] as const;
export const PAYOUT_KINDS = [
  'payout_requested',
  'payout_sent',
  'payout_settled',
  'payout_failed_requested',
  'payout_failed_sent',
  'payout_failed_settled',
] as const;
/** Balances that a month carries on from the one before; their movements are net changes. */
export const BALANCE_KINDS = ['owed', 'in_payout', 'paid'] as const;

export type MovementKind =
  | (typeof EARNED_KINDS)[number]
  | (typeof REVERSED_KINDS)[number]
  | (typeof FUNDED_KINDS)[number]
  | (typeof PAYOUT_KINDS)[number]
  | (typeof BALANCE_KINDS)[number];

/** To be added to what moved in a month of the books. */
export interface CreatorMovementRow {
  readonly creatorId: string;
  /** First millisecond of the month (UTC) in which the store recorded the event. */
  readonly monthMs: number;
  readonly kind: MovementKind;
  readonly amount: bigint;
  readonly count: number;
}

export const movementRows = mergeTable<CreatorMovementRow>(
  'creator_movements',
  ['creatorId', 'monthMs', 'kind', 'amount', 'count'],
  {
    key: (row) => `${row.creatorId}\n${row.monthMs}\n${row.kind}`,
    combine: (earlier, later) => ({
      ...later,
      amount: earlier.amount + later.amount,
      count: earlier.count + later.count,
    }),
    sql: sql('add-movements.sql'),
  },
);

/** What an event says about a payout; what it does not say stays as it was. */
export interface CreatorPayoutRow {
  readonly creatorId: string;
  readonly payoutId: string;
  /** Of its first event. */
  readonly position: bigint;
  readonly amount: bigint;
  readonly state: string;
  readonly provider: string | undefined;
  readonly destination: string | undefined;
  readonly requestedAtMs: number | undefined;
  readonly sentAtMs: number | undefined;
  readonly settledAtMs: number | undefined;
  readonly failedAtMs: number | undefined;
  readonly reference: string | undefined;
  readonly failedFrom: string | undefined;
  readonly reason: string | undefined;
}

export const payoutRows = mergeTable<CreatorPayoutRow>(
  'creator_payouts',
  [
    'creatorId',
    'payoutId',
    'position',
    'amount',
    'state',
    'provider',
    'destination',
    'requestedAtMs',
    'sentAtMs',
    'settledAtMs',
    'failedAtMs',
    'reference',
    'failedFrom',
    'reason',
  ],
  {
    key: (row) => `${row.creatorId}\n${row.payoutId}`,
    combine: (earlier, later) => ({
      ...earlier,
      state: later.state,
      sentAtMs: later.sentAtMs ?? earlier.sentAtMs,
      settledAtMs: later.settledAtMs ?? earlier.settledAtMs,
      failedAtMs: later.failedAtMs ?? earlier.failedAtMs,
      reference: later.reference ?? earlier.reference,
      failedFrom: later.failedFrom ?? earlier.failedFrom,
      reason: later.reason ?? earlier.reason,
    }),
    sql: sql('move-payouts.sql'),
  },
);
