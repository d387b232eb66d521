import type { LotDraw } from '#libs/ledger/wallet/events.js';
import { periodStart } from '#libs/kernel/period.js';
import {
  appendTable,
  type Change,
  type LoggedEvent,
  mergeTable,
  type Projection,
} from '#libs/projection-runner/projection.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const sql = (file: string): string => sqlFile(import.meta.dirname, file);

/** Times in milliseconds since the epoch, amounts in credits. */
export interface WalletRow {
  readonly userId: string;
  readonly plan: string;
  readonly planTable: string;
  readonly planTableVersion: number;
  readonly openedAtMs: number;
  readonly grantedPeriodMs: number;
  readonly allowancePeriodMs: number;
  readonly allowanceUsed: bigint;
  readonly lastAtMs: number;
}

export const wallets = appendTable<WalletRow>('wallets', [
  'userId',
  'plan',
  'planTable',
  'planTableVersion',
  'openedAtMs',
  'grantedPeriodMs',
  'allowancePeriodMs',
  'allowanceUsed',
  'lastAtMs',
]);

export interface LotRow {
  readonly userId: string;
  readonly lotId: string;
  readonly kind: string;
  readonly origin: string;
  readonly original: bigint;
  readonly remaining: bigint;
  readonly addedAtMs: number;
  readonly expiresAtMs: number | undefined;
  readonly paymentId: string | undefined;
  readonly lastAtMs: number;
}

export const lots = appendTable<LotRow>('lots', [
  'userId',
  'lotId',
  'kind',
  'origin',
  'original',
  'remaining',
  'addedAtMs',
  'expiresAtMs',
  'paymentId',
  'lastAtMs',
]);

/** Credits taken from a lot, by spending or by expiry. */
export interface LotDrawRow {
  readonly userId: string;
  readonly lotId: string;
  readonly amount: bigint;
  readonly lastAtMs: number;
}

export const lotDraws = mergeTable<LotDrawRow>('lots', ['userId', 'lotId', 'amount', 'lastAtMs'], {
  key: (row) => `${row.userId} ${row.lotId}`,
  combine: (earlier, later) => ({ ...later, amount: earlier.amount + later.amount }),
  sql: sql('draw-lots.sql'),
});

/** What changes of a wallet itself; a draw alone changes only its lot, which carries the time too. */
export interface WalletChangeRow {
  readonly userId: string;
  /** A monthly lot was granted for this period. */
  readonly grantedPeriodMs: number | undefined;
  /** An unlimited plan covered `allowanceUsed` more in this period. */
  readonly allowancePeriodMs: number | undefined;
  readonly allowanceUsed: bigint;
  readonly lastAtMs: number;
}

export const walletChanges = mergeTable<WalletChangeRow>(
  'wallets',
  ['userId', 'grantedPeriodMs', 'allowancePeriodMs', 'allowanceUsed', 'lastAtMs'],
  {
    key: (row) => row.userId,
    combine: (earlier, later) => ({
      ...later,
      grantedPeriodMs: later.grantedPeriodMs ?? earlier.grantedPeriodMs,
      ...allowanceOf(earlier, later),
    }),
    sql: sql('change-wallets.sql'),
  },
);

/** What is in a wallet: its plan, its lots and what an unlimited plan covered. */
export const balances: Projection = {
  name: 'balances',
  version: 1,
  schemaSql: sql('schema.sql'),
  viewsSql: sql('views.sql'),
  // A wallet or lot is added before it is changed.
  tables: [wallets, lots, lotDraws, walletChanges],
  project,
};

function project({ event }: LoggedEvent): readonly Change[] {
  switch (event.type) {
    case 'WalletOpened': {
      const { userId, plan, planTable, planTableVersion, at } = event;
      const period = periodStart(at);
      return [
        wallets.change({
          userId,
          plan,
          planTable,
          planTableVersion,
          openedAtMs: at,
          grantedPeriodMs: period,
          allowancePeriodMs: period,
          allowanceUsed: 0n,
          lastAtMs: at,
        }),
      ];
    }
    case 'CreditsAdded': {
      const { userId, lotId, kind, origin, amount, at, expiresAt, paymentId } = event;
      const lot = lots.change({
        userId,
        lotId,
        kind,
        origin,
        original: amount,
        remaining: amount,
        addedAtMs: at,
        expiresAtMs: expiresAt,
        paymentId,
        lastAtMs: at,
      });
      return kind === 'monthly' ? [lot, changed(userId, at, { grantedPeriodMs: periodStart(at) })] : [lot];
    }
    case 'CreditsExpired':
      return drawn(event.userId, event.at, [event]);
    case 'PromptCharged': {
      const draws = drawn(event.userId, event.at, event.draws);
      if (event.allowance === 0n) return draws.length > 0 ? draws : [changed(event.userId, event.at, {})];
      const used = { allowancePeriodMs: periodStart(event.at), allowanceUsed: event.allowance };
      return [...draws, changed(event.userId, event.at, used)];
    }
    case 'FlowUnlocked':
      return drawn(event.userId, event.at, event.draws);
    case 'CreatorPaid':
    case 'PaymentRegistered':
      return [];
  }
}

const drawn = (userId: string, at: number, draws: readonly LotDraw[]): readonly Change[] =>
  draws.map(({ lotId, amount }) => lotDraws.change({ userId, lotId, amount, lastAtMs: at }));

const changed = (userId: string, at: number, what: Partial<WalletChangeRow>): Change =>
  walletChanges.change({
    userId,
    grantedPeriodMs: undefined,
    allowancePeriodMs: undefined,
    allowanceUsed: 0n,
    ...what,
    lastAtMs: at,
  });

/** Use in a later period replaces that of an earlier one, as in the fold of the wallet. */
function allowanceOf(
  earlier: WalletChangeRow,
  later: WalletChangeRow,
): Pick<WalletChangeRow, 'allowancePeriodMs' | 'allowanceUsed'> {
  const { allowancePeriodMs, allowanceUsed } = later.allowancePeriodMs === undefined ? earlier : later;
  return earlier.allowancePeriodMs === later.allowancePeriodMs
    ? { allowancePeriodMs, allowanceUsed: earlier.allowanceUsed + later.allowanceUsed }
    : { allowancePeriodMs, allowanceUsed };
}
