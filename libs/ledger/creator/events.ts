import type { Credits } from '#libs/kernel/credits.js';
import type { CreatorId, UserId } from '#libs/kernel/ids.js';

/** How a creator's share was funded, credits by origin; the parts sum to the share. */
export interface Funding {
  readonly purchased: Credits;
  readonly promo: Credits;
  readonly monthly: Credits;
  readonly adjustment: Credits;
  readonly legacy: Credits;
  readonly allowance: Credits;
}

/** One charge or unlock whose creator share has moved from clearing to the creator. */
export interface CreatorPaid {
  readonly type: 'CreatorPaid';
  readonly creatorId: CreatorId;
  /** Milliseconds since the epoch; never before the stream's last event. */
  readonly at: number;
  readonly amount: Credits;
  /** Time of the charge or unlock. */
  readonly earnedAt: number;
  readonly funding: Funding;
  readonly source: CreatorPaidSource;
}

export const SOURCE_KINDS = ['prompt', 'flow'] as const;

export interface CreatorPaidSource {
  readonly kind: (typeof SOURCE_KINDS)[number];
  /** Log position of the charge or unlock: sources at or below the last one are never paid again. */
  readonly position: bigint;
  readonly eventId: string;
  readonly userId: UserId;
  /** Run id of a prompt, flow id of a flow. */
  readonly reference: string;
}

export type CreatorEvent = CreatorPaid;
