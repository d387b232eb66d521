import type { HoldId, RunId, UserId } from '#libs/kernel/ids.js';
import { PersistentMap } from '#libs/kernel/persistent-map.js';
import { periodStart } from '#libs/kernel/period.js';
import type { PlanName } from '#libs/ledger/plans/plan-table.js';
import { compareBurnOrder, type Lot } from '#libs/ledger/wallet/lots.js';
import type { Hold, LiveWallet, PaidPeriod } from '#libs/ledger/wallet/state.js';
import type {
  FreezeReason,
  LotKind,
  LotOrigin,
  PlanCoverage,
  RunPurpose,
} from '#libs/ledger/wallet/vocabulary.js';
import { type AsOf, queryAsOf, withValue } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const READ_WALLET = {
  name: 'read-wallet',
  text: sqlFile(import.meta.dirname, 'read-wallet.sql'),
  key: 'user_id',
};

/** A wallet as events left it; time may have changed it since: `advance` it before showing it. */
export interface WalletView {
  /**
   * Good for `advance`, `balanceOf` and what the plan limits: lots with something left, open holds, what was used.
   * Lots used up, lapsed holds and single prompts are left out; `version` is not in this view.
   */
  readonly wallet: LiveWallet;
  readonly planTable: string;
  readonly planTableVersion: number;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
}

interface WalletColumns {
  readonly user_id: string;
  readonly status: LiveWallet['status'];
  readonly frozen_for: string | null;
  readonly plan: string;
  readonly plan_table: string;
  readonly plan_table_version: number;
  readonly coverage: string;
  readonly opened_at_ms: string;
  readonly granted_period_ms: string;
  readonly allowance_period_ms: string;
  readonly allowance_used: string;
  readonly test_period_ms: string;
  readonly test_runs: number;
  readonly uncollected: string;
  readonly private_prompts: number;
  readonly storage_bytes: string;
  readonly scheduled_plan: string | null;
  readonly scheduled_at_ms: string | null;
  readonly thresholds: string;
  readonly last_at_ms: string;
  readonly lots: readonly LotCells[] | null;
  readonly holds: readonly HoldCells[] | null;
  readonly paid: readonly PaidCells[] | null;
}

/** In the order of read-wallet.sql; amounts are texts. */
type LotCells = readonly [
  id: string,
  kind: LotKind,
  origin: LotOrigin,
  original: string,
  remaining: string,
  addedAt: number,
  expiresAt: number | null,
  paymentId: string | null,
  expired: string,
  takenBack: string,
  movedOut: string,
  costCurrency: string | null,
  costMinorUnits: string | null,
  costProviderFee: string | null,
];

type HoldCells = readonly [
  holdId: string,
  runId: string,
  model: string,
  purpose: RunPurpose,
  byok: boolean,
  creatorId: string | null,
  creatorFee: string,
  amount: string,
  allowance: string,
  policy: string,
  rateCard: string,
  rateCardVersion: number,
  byokFeeBasisPoints: string,
  at: number,
  expiresAt: number,
  sequence: number,
  parts: readonly { lotId: string; kind: LotKind; origin: LotOrigin; amount: string }[],
];

type PaidCells = readonly [plan: PlanName, from: number, until: number, paidAt: number];

/** The wallet of a user; undefined when none was opened. */
export async function readWallet(db: Queryable, userId: string): Promise<AsOf<WalletView | undefined>> {
  const found = await queryAsOf<WalletColumns>(db, READ_WALLET, [userId]);
  const [row] = found.value;
  return withValue(found, row && viewOf(row));
}

function viewOf(row: WalletColumns): WalletView {
  return {
    wallet: walletOf(row),
    planTable: row.plan_table,
    planTableVersion: row.plan_table_version,
    openedAt: Number(row.opened_at_ms),
  };
}

function walletOf(row: WalletColumns): LiveWallet {
  const userId = row.user_id as UserId;
  const holds = (row.holds ?? []).map((cells) => holdOf(userId, cells));
  return {
    status: row.status,
    ...(row.frozen_for === null ? {} : { frozenFor: row.frozen_for as FreezeReason }),
    userId,
    plan: row.plan as PlanName,
    coverage: row.coverage as PlanCoverage,
    paid: paidOf(row.paid ?? []),
    ...(row.scheduled_plan === null
      ? {}
      : {
          scheduled: { plan: row.scheduled_plan as PlanName, effectiveAt: Number(row.scheduled_at_ms) },
        }),
    lots: { active: lotsOf(userId, row.lots ?? [], holds), used: PersistentMap.empty() },
    holds: PersistentMap.of(holds.map((hold) => [hold.holdId, hold])),
    lapsedHolds: PersistentMap.empty(),
    grantedPeriod: Number(row.granted_period_ms),
    allowance: { period: Number(row.allowance_period_ms), used: BigInt(row.allowance_used) },
    allowanceHeld: holds.reduce((sum, { allowance }) => sum + allowance, 0n),
    testRuns: { period: Number(row.test_period_ms), used: row.test_runs },
    uncollected: BigInt(row.uncollected),
    prompts: PersistentMap.empty(),
    privatePrompts: row.private_prompts,
    storageBytes: BigInt(row.storage_bytes),
    thresholds: row.thresholds === '' ? [] : row.thresholds.split(',').map(BigInt),
    lastAt: Number(row.last_at_ms),
    version: 1,
  };
}

/** Payments that still count, dropped where the fold of the wallet drops them: at the next payment. */
const paidOf = (rows: readonly PaidCells[]): readonly PaidPeriod[] =>
  rows.reduce<readonly PaidPeriod[]>(
    (paid, [plan, from, until, paidAt]) => [
      ...paid.filter((earlier) => earlier.until > periodStart(paidAt)),
      { plan, from, until },
    ],
    [],
  );

/**
 * Lots with something left, in burn order, each with what the open holds have reserved of it.
 * @throws when holds reserve more than there is: the rows do not fit the log and must be rebuilt
 */
function lotsOf(userId: UserId, rows: readonly LotCells[], holds: readonly Hold[]): readonly Lot[] {
  const reserved = new Map<string, bigint>();
  for (const { parts } of holds) {
    for (const { lotId, amount } of parts) reserved.set(lotId, (reserved.get(lotId) ?? 0n) + amount);
  }
  const lots = rows.map((cells) => lotOf(cells, reserved.get(cells[0]) ?? 0n));
  const left = new Map(lots.map(({ id, remaining }) => [id, remaining]));
  for (const [lotId, amount] of reserved) {
    if (amount > (left.get(lotId) ?? 0n)) {
      throw new Error(
        `Holds of wallet ${userId} reserve ${amount} credits of lot ${lotId}, which has ${left.get(lotId) ?? 0n} left: run "ledger rebuild balances".`,
      );
    }
  }
  return lots.sort(compareBurnOrder);
}

function lotOf(cells: LotCells, reserved: bigint): Lot {
  const [id, kind, origin, original, remaining, addedAt, expiresAt, paymentId, ...rest] = cells;
  const [expired, takenBack, movedOut, currency, minorUnits, providerFee] = rest;
  return {
    id,
    kind,
    origin,
    original: BigInt(original),
    remaining: BigInt(remaining),
    reserved,
    expired: BigInt(expired),
    takenBack: BigInt(takenBack),
    movedOut: BigInt(movedOut),
    addedAt,
    ...(expiresAt === null ? {} : { expiresAt }),
    ...(paymentId === null ? {} : { paymentId }),
    ...(currency === null
      ? {}
      : {
          costBasis: {
            currency,
            minorUnits: BigInt(minorUnits!),
            providerFeeMinorUnits: BigInt(providerFee!),
          },
        }),
  };
}

function holdOf(userId: UserId, cells: HoldCells): Hold {
  const [holdId, runId, model, purpose, byok, creatorId, creatorFee, amount, allowance, ...rest] = cells;
  const [policy, rateCard, rateCardVersion, byokFeeBasisPoints, at, expiresAt, sequence, parts] = rest;
  return {
    userId,
    at,
    holdId: holdId as HoldId,
    runId: runId as RunId,
    model,
    purpose,
    byok,
    ...(creatorId === null ? {} : { creatorId: creatorId as UserId }),
    creatorFee: BigInt(creatorFee),
    amount: BigInt(amount),
    parts: parts.map((part) => ({ ...part, amount: BigInt(part.amount) })),
    allowance: BigInt(allowance),
    policy,
    rateCard,
    rateCardVersion,
    byokFeeBasisPoints: BigInt(byokFeeBasisPoints),
    expiresAt,
    sequence,
  };
}
