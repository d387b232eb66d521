import type { Position } from '#libs/event-store/port.js';
import type { AsOf } from '#libs/projection-runner/as-of.js';
import type { ProjectionCheckpoint } from '#libs/projection-runner/checkpoints.js';
import type { LotFilter, LotStatement } from '#projections/balances/lot-queries.js';
import type { WalletView } from '#projections/balances/queries.js';
import type { CreatorTerms } from '#libs/ledger/creator/terms.js';
import type { CreatorEarnings, CreatorPayout, PayoutFilter } from '#projections/creator-earnings/queries.js';
import type { CreatorStatement } from '#projections/creator-earnings/statement.js';
import type { TrialBalance } from '#projections/journal/queries.js';
import type { PastRunCursor, PastRunView } from '#projections/plan-changes/queries.js';
import type { Transaction, TransactionFilter } from '#projections/transactions/queries.js';
import type { UnlockedFlow } from '#projections/unlocked-flows/queries.js';

/** Views that this interface reads, by the name of their projection. */
export type ViewName = 'balances' | 'transactions' | 'unlocked-flows' | 'creator-earnings' | 'journal';

/** What the api reads. Rows come with the log position they show, from one snapshot. */
export interface ReadModels {
  wallet(userId: string): Promise<AsOf<WalletView | undefined>>;
  /** Every lot the wallet ever had, newest first. */
  lots(filter: LotFilter): Promise<AsOf<readonly LotStatement[]>>;
  /** Newest first. */
  transactions(filter: TransactionFilter): Promise<AsOf<readonly Transaction[]>>;
  unlockedFlows(userId: string): Promise<AsOf<readonly UnlockedFlow[]>>;
  /** Split as it stands at `t`, milliseconds since the epoch. */
  earnings(
    creatorId: string,
    at: { readonly t: number; readonly terms: CreatorTerms },
  ): Promise<AsOf<CreatorEarnings | undefined>>;
  /** Newest first. */
  payouts(filter: PayoutFilter): Promise<AsOf<readonly CreatorPayout[]>>;
  /** Of the month that begins at `monthMs`, milliseconds since the epoch. */
  statement(creatorId: string, monthMs: number): Promise<AsOf<CreatorStatement | undefined>>;
  /** The books as they stood at `asOf`, or now. */
  trialBalance(asOf?: Position): Promise<AsOf<TrialBalance>>;
  /** How far past runs and the plans they were charged on are both known. */
  pastRunsAsOf(): Promise<AsOf<undefined>>;
  /** In the order of user and run id. */
  pagePastRuns(
    after: PastRunCursor,
    page: { readonly upTo: Position; readonly limit: number },
  ): Promise<readonly PastRunView[]>;
  checkpoints(): Promise<readonly ProjectionCheckpoint[]>;
  /** False when the view has not reached the position within the time. */
  waitFor(view: ViewName, position: Position, timeoutMs: number): Promise<boolean>;
}
