import { appendTable, mergeTable } from '#libs/projection-runner/projection.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const sql = (file: string): string => sqlFile(import.meta.dirname, file);

/** Times in milliseconds since the epoch, amounts in credits; what nothing has happened to yet has its default. */
export interface WalletRow {
  readonly userId: string;
  readonly status: string;
  readonly plan: string;
  readonly planTable: string;
  readonly planTableVersion: number;
  readonly coverage: string;
  readonly openedAtMs: number;
  readonly grantedPeriodMs: number;
  readonly allowancePeriodMs: number;
  readonly testPeriodMs: number;
  readonly lastAtMs: number;
  readonly movedAtMs: number;
}

export const wallets = appendTable<WalletRow>('wallets', [
  'userId',
  'status',
  'plan',
  'planTable',
  'planTableVersion',
  'coverage',
  'openedAtMs',
  'grantedPeriodMs',
  'allowancePeriodMs',
  'testPeriodMs',
  'lastAtMs',
  'movedAtMs',
]);

export interface LotRow {
  readonly userId: string;
  readonly lotId: string;
  readonly kind: string;
  readonly origin: string;
  readonly original: bigint;
  readonly remaining: bigint;
  readonly addedAtMs: number;
  /** 0 when only time moved it. */
  readonly movedAtMs: number;
  readonly expiresAtMs: number | undefined;
  /** Of the event in the stream of the wallet that made the lot. */
  readonly firstRevision: number;
  readonly paymentId: string | undefined;
  readonly costCurrency: string | undefined;
  readonly costMinorUnits: bigint | undefined;
  readonly costProviderFee: bigint | undefined;
}

export const lots = appendTable<LotRow>('lots', [
  'userId',
  'lotId',
  'kind',
  'origin',
  'original',
  'remaining',
  'addedAtMs',
  'movedAtMs',
  'expiresAtMs',
  'firstRevision',
  'paymentId',
  'costCurrency',
  'costMinorUnits',
  'costProviderFee',
]);

/** A lot that takes over a refunded part of a lapsed one; it came from the same payment. */
export interface RefundLotRow {
  readonly userId: string;
  readonly lotId: string;
  readonly sourceLotId: string;
  readonly origin: string;
  readonly amount: bigint;
  readonly addedAtMs: number;
  readonly expiresAtMs: number | undefined;
  readonly firstRevision: number;
}

export const refundLots = mergeTable<RefundLotRow>(
  'refund lots',
  ['userId', 'lotId', 'sourceLotId', 'origin', 'amount', 'addedAtMs', 'expiresAtMs', 'firstRevision'],
  {
    key: (row) => `${row.userId} ${row.lotId}`,
    // The same lot made twice: the insert fails and says so.
    combine: (_, later) => later,
    sql: sql('add-refund-lots.sql'),
  },
);

/** What comes back to a lot, or would have come back had it not lapsed or been revoked. */
export interface LotRestoreRow {
  readonly userId: string;
  readonly lotId: string;
  /** Refunded into the lot. */
  readonly restored: bigint;
  /** Given back after a revocation. */
  readonly reinstated: bigint;
  /** Refunded into another lot, because this one had lapsed. */
  readonly movedOut: bigint;
  /** Refunded while the lot was revoked: it lowered what is uncollected. */
  readonly refundedUnrestored: bigint;
  readonly movedAtMs: number;
}

export const lotRestores = mergeTable<LotRestoreRow>(
  'lots restored',
  ['userId', 'lotId', 'restored', 'reinstated', 'movedOut', 'refundedUnrestored', 'movedAtMs'],
  {
    key: (row) => `${row.userId} ${row.lotId}`,
    combine: (earlier, later) => ({
      ...later,
      restored: earlier.restored + later.restored,
      reinstated: earlier.reinstated + later.reinstated,
      movedOut: earlier.movedOut + later.movedOut,
      refundedUnrestored: earlier.refundedUnrestored + later.refundedUnrestored,
    }),
    sql: sql('restore-lots.sql'),
  },
);

/** Credits spent from a lot. */
export interface LotDrawRow {
  readonly userId: string;
  readonly lotId: string;
  readonly amount: bigint;
  readonly movedAtMs: number;
}

export const lotDraws = mergeTable<LotDrawRow>('lots', ['userId', 'lotId', 'amount', 'movedAtMs'], {
  key: (row) => `${row.userId} ${row.lotId}`,
  combine: (earlier, later) => ({ ...later, amount: earlier.amount + later.amount }),
  sql: sql('draw-lots.sql'),
});

/** What a lot lost without being spent. */
export interface LotLossRow {
  readonly userId: string;
  readonly lotId: string;
  readonly expired: bigint;
  /** Taken back by a revocation, a correction or the closing of the wallet. */
  readonly revoked: bigint;
  /** 0 when time alone did it. */
  readonly movedAtMs: number;
}

export const lotLosses = mergeTable<LotLossRow>(
  'lots lost',
  ['userId', 'lotId', 'expired', 'revoked', 'movedAtMs'],
  {
    key: (row) => `${row.userId} ${row.lotId}`,
    combine: (earlier, later) => ({
      ...later,
      expired: earlier.expired + later.expired,
      revoked: earlier.revoked + later.revoked,
      movedAtMs: Math.max(earlier.movedAtMs, later.movedAtMs),
    }),
    sql: sql('lose-lots.sql'),
  },
);
