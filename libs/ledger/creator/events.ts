import type { Credits } from '#libs/kernel/credits.js';
import type { CreatorId, PayoutId, UserId } from '#libs/kernel/ids.js';

/** How a creator's share was funded, credits by origin; the parts sum to the share. */
export interface Funding {
  readonly purchased: Credits;
  readonly promo: Credits;
  readonly monthly: Credits;
  readonly adjustment: Credits;
  readonly legacy: Credits;
  readonly allowance: Credits;
  /** Nobody paid it: the shortfall of a settled run. */
  readonly uncollected: Credits;
}

export const SOURCE_KINDS = ['prompt', 'flow', 'prompt_refund', 'flow_refund'] as const;

/** The wallet event that earned a creator something, or took it back. */
export interface EarningSource {
  readonly kind: (typeof SOURCE_KINDS)[number];
  /** Log position of the event: sources at or below the last one are never settled again. */
  readonly position: bigint;
  readonly eventId: string;
  readonly userId: UserId;
  /** Run id of a prompt, flow id of a flow. */
  readonly reference: string;
}

interface CreatorFact {
  readonly creatorId: CreatorId;
  /** Milliseconds since the epoch; never before the stream's last event. */
  readonly at: number;
}

/** One charge or unlock whose creator share has moved from clearing to the creator. */
export interface CreatorPaid extends CreatorFact {
  readonly type: 'CreatorPaid';
  readonly amount: Credits;
  /** Time of the charge or unlock. */
  readonly earnedAt: number;
  readonly funding: Funding;
  readonly source: EarningSource;
}

/** One refund whose creator share has moved back from the creator to clearing. */
export interface CreatorEarningsReversed extends CreatorFact {
  readonly type: 'CreatorEarningsReversed';
  readonly amount: Credits;
  /** Time of the charge or unlock that is refunded. */
  readonly earnedAt: number;
  readonly source: EarningSource;
}

/** Finance has verified where the creator's money goes; replaces an earlier destination. */
export interface PayoutDestinationVerified extends CreatorFact {
  readonly type: 'PayoutDestinationVerified';
  readonly provider: string;
  /** The provider's own id of the account, never bank details. */
  readonly reference: string;
}

interface PayoutFact extends CreatorFact {
  readonly payoutId: PayoutId;
  /** Whole cents: a multiple of 10,000 credits. */
  readonly amount: Credits;
}

export interface PayoutRequested extends PayoutFact {
  readonly type: 'PayoutRequested';
  readonly provider: string;
  readonly destination: string;
}

export interface PayoutSent extends PayoutFact {
  readonly type: 'PayoutSent';
  /** The provider's id of the transfer. */
  readonly reference?: string;
}

export interface PayoutSettled extends PayoutFact {
  readonly type: 'PayoutSettled';
  readonly reference?: string;
}

export const PAYOUT_STATES = ['requested', 'sent', 'settled', 'failed'] as const;
export type PayoutState = (typeof PAYOUT_STATES)[number];

/** The amount returns to payable from wherever it stood. */
export interface PayoutFailed extends PayoutFact {
  readonly type: 'PayoutFailed';
  readonly failedFrom: Exclude<PayoutState, 'failed'>;
  /** A code, never free text. */
  readonly reason: string;
}

export type CreatorEvent =
  | CreatorPaid
  | CreatorEarningsReversed
  | PayoutDestinationVerified
  | PayoutRequested
  | PayoutSent
  | PayoutSettled
  | PayoutFailed;
