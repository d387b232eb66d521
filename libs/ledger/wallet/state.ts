import type { Credits } from '#libs/kernel/credits.js';
import type { UserId } from '#libs/kernel/ids.js';
import { PersistentMap } from '#libs/kernel/persistent-map.js';
import { periodStart } from '#libs/kernel/period.js';
import type { PlanName } from '../plans/plan-table.js';
import type { CreditsHeld, WalletOpened } from './events.js';
import { type Lots, NO_LOTS } from './lots.js';
import type { FreezeReason, PlanCoverage, PromptVisibility } from './vocabulary.js';

/** How much of something was used in the period that starts at `period` (milliseconds since the epoch). */
export interface PeriodUse<N extends number | bigint> {
  readonly period: number;
  readonly used: N;
}

/** `[from, until)`, in which a payment lets the plan, or a smaller one, run. */
export interface PaidPeriod {
  readonly plan: PlanName;
  readonly from: number;
  readonly until: number;
}

export interface Prompt {
  readonly visibility: PromptVisibility;
  readonly sizeBytes: number;
}

/** A hold as it was made, and its place in the order of holds. */
export type Hold = Omit<CreditsHeld, 'type'> & { readonly sequence: number };

/**
 * What a wallet needs to know about itself to decide; folded from its stream. It stays small however long the stream:
 * ids that were used and what was charged long ago are asked of `Past`.
 */
export interface LiveWallet {
  readonly status: 'open' | 'frozen' | 'closed';
  /** Present while the wallet is frozen. */
  readonly frozenFor?: FreezeReason;
  readonly userId: UserId;
  readonly plan: PlanName;
  readonly coverage: PlanCoverage;
  /** Payments for plans that have not ended before the present period. */
  readonly paid: readonly PaidPeriod[];
  /** A downgrade to come at the end of the period. */
  readonly scheduled?: { readonly plan: PlanName; readonly effectiveAt: number };
  readonly lots: Lots;
  /** Open holds by id. */
  readonly holds: PersistentMap<Hold>;
  /** Timed out or released for a revocation: these can still be settled for some days. */
  readonly lapsedHolds: PersistentMap<Hold>;
  /** First millisecond of the last period in which the plan was begun, changed or granted its monthly credits. */
  readonly grantedPeriod: number;
  /** Credits an unlimited plan covered, and what open holds have reserved of it. */
  readonly allowance: PeriodUse<Credits>;
  readonly allowanceHeld: Credits;
  readonly testRuns: PeriodUse<number>;
  /** Spent, but paid by nobody: shown, never taken from later credits. */
  readonly uncollected: Credits;
  readonly prompts: PersistentMap<Prompt>;
  readonly privatePrompts: number;
  readonly storageBytes: bigint;
  /** Largest first. */
  readonly thresholds: readonly Credits[];
  /** Time of the stream's last event: a stream never runs backwards. */
  readonly lastAt: number;
  /** Events folded so far; the next event gets this revision. */
  readonly version: number;
}

export type Wallet = { readonly status: 'none'; readonly version: 0 } | LiveWallet;

export const NO_WALLET: Wallet = { status: 'none', version: 0 };

export function newWallet(event: WalletOpened): LiveWallet {
  const period = periodStart(event.at);
  return {
    status: 'open',
    userId: event.userId,
    plan: event.plan,
    coverage: event.coverage,
    paid: [],
    lots: NO_LOTS,
    holds: PersistentMap.empty(),
    lapsedHolds: PersistentMap.empty(),
    grantedPeriod: period,
    allowance: { period, used: 0n },
    allowanceHeld: 0n,
    testRuns: { period, used: 0 },
    uncollected: 0n,
    prompts: PersistentMap.empty(),
    privatePrompts: 0,
    storageBytes: 0n,
    thresholds: [],
    lastAt: event.at,
    version: 1,
  };
}

/** What was used in the period that holds `t`: 0 when the last use was earlier. */
export const usedAt = <N extends number | bigint>(use: PeriodUse<N>, t: number, zero: N): N =>
  use.period === periodStart(t) ? use.used : zero;
