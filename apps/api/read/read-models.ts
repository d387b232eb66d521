import type { Position } from '#libs/event-store/port.js';
import type { CreatorId, UserId } from '#libs/kernel/ids.js';
import type { OpenWallet } from '#libs/ledger/wallet/state.js';
import type { CreatorEarningsRow } from '#projections/creator-earnings/project.js';
import type { AccountRow } from '#projections/journal/project.js';
import type { TransactionRow, TransactionType } from '#projections/transactions/project.js';
import type { UnlockedFlowRow } from '#projections/unlocked-flows/project.js';

/** Views that this interface reads, by the name of their projection. */
export type ViewName = 'balances' | 'transactions' | 'unlocked-flows' | 'creator-earnings' | 'journal';

/** Rows and the log position they show, read in one snapshot. */
export interface AsOf<T> {
  readonly position: Position;
  readonly value: T;
}

/** What a read needs of a wallet: enough to advance it to now. */
export type WalletRows = Pick<
  OpenWallet,
  'userId' | 'plan' | 'lots' | 'grantedPeriod' | 'allowance' | 'lastAt'
>;

export interface TransactionsQuery {
  readonly userId: UserId;
  readonly type?: TransactionType;
  /** Inclusive, milliseconds since the epoch. */
  readonly from?: number;
  /** Exclusive, milliseconds since the epoch. */
  readonly to?: number;
  /** Only rows before this position (newest come first). */
  readonly before?: Position;
  readonly limit: number;
}

/** What a creator has earned, in credits, and from how many prompts and flows. */
export type EarningsRow = Pick<CreatorEarningsRow, 'accrued' | 'promptSources' | 'flowSources'>;

export type BalanceRow = Pick<AccountRow, 'account' | 'balance'>;

export interface ViewProgress {
  readonly name: string;
  readonly position: Position;
}

/** What the api reads; the read models stand behind it. */
export interface ReadModels {
  wallet(userId: UserId): Promise<AsOf<WalletRows | undefined>>;
  /** Newest first. */
  transactions(query: TransactionsQuery): Promise<AsOf<readonly TransactionRow[]>>;
  unlockedFlows(userId: UserId): Promise<AsOf<readonly UnlockedFlowRow[]>>;
  earnings(creatorId: CreatorId): Promise<AsOf<EarningsRow | undefined>>;
  /** The books as they stood at `asOf`, or now. */
  trialBalance(asOf?: Position): Promise<AsOf<readonly BalanceRow[]>>;
  progress(): Promise<readonly ViewProgress[]>;
  /** False when the view has not reached the position within the time. */
  waitFor(view: ViewName, position: Position, timeoutMs: number): Promise<boolean>;
}
