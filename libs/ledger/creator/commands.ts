import type { Credits } from '#libs/kernel/credits.js';
import type { CreatorId, PayoutId } from '#libs/kernel/ids.js';
import type { EarningSource, Funding } from './events.js';
import type { PayoutFailureReason } from './vocabulary.js';

interface ForCreator {
  readonly creatorId: CreatorId;
}

interface Share {
  readonly source: EarningSource;
  /** The creator's share in credits, 1 or more. */
  readonly amount: Credits;
  /** Time of the charge or unlock, also of one that is refunded. */
  readonly earnedAt: number;
}

/** The creator's share of a charge or unlock. */
export interface ShareEarned extends Share {
  readonly kind: 'earned';
  readonly funding: Funding;
}

/** The creator's share of a refund. */
export interface ShareReversed extends Share {
  readonly kind: 'reversed';
}

export type SourceToSettle = ShareEarned | ShareReversed;

/** Accrues the creator's shares of charges and unlocks and takes back those of refunds, given in log order. */
export interface SettleSources extends ForCreator {
  readonly type: 'SettleSources';
  readonly sources: readonly SourceToSettle[];
}

/** Finance has verified an account at a payout provider; it replaces an earlier one. */
export interface VerifyPayoutDestination extends ForCreator {
  readonly type: 'VerifyPayoutDestination';
  readonly provider: string;
  readonly reference: string;
}

export interface RequestPayout extends ForCreator {
  readonly type: 'RequestPayout';
  /** Never used before by this creator. */
  readonly payoutId: PayoutId;
  /** Whole cents; all whole cents that are payable when absent. */
  readonly amount?: Credits;
  /** Without `amount`: all whole cents that are payable, but no more than this. */
  readonly atMost?: Credits;
}

export interface MarkPayoutSent extends ForCreator {
  readonly type: 'MarkPayoutSent';
  readonly payoutId: PayoutId;
  /** The provider's id of the transfer. */
  readonly reference?: string;
}

export interface MarkPayoutSettled extends ForCreator {
  readonly type: 'MarkPayoutSettled';
  readonly payoutId: PayoutId;
  readonly reference?: string;
}

export interface MarkPayoutFailed extends ForCreator {
  readonly type: 'MarkPayoutFailed';
  readonly payoutId: PayoutId;
  readonly reason: PayoutFailureReason;
}

/** What happened to a payout that was requested. */
export type MarkPayout = MarkPayoutSent | MarkPayoutSettled | MarkPayoutFailed;

export type CreatorCommand = SettleSources | VerifyPayoutDestination | RequestPayout | MarkPayout;
