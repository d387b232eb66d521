import type { Credits } from '#libs/kernel/credits.js';
import type { PlanName } from '#libs/ledger/plans/plan-table.js';
import type { Price } from '#libs/ledger/pricing/policy.js';
import type { TokenCounts } from '#libs/ledger/pricing/tokens.js';
import type { RefundParts } from '#libs/ledger/wallet/events.js';

/** A run as it was charged, with what was refunded of it since. Amounts in credits. */
export interface PastRun {
  readonly userId: string;
  readonly runId: string;
  /** Of the user when the run was charged. */
  readonly plan: PlanName;
  /** When it was charged, milliseconds since the epoch: decides which terms were in force. */
  readonly at: number;
  /** When it took place, if the caller said so: decides whether it lies in a span. */
  readonly ranAt?: number;
  readonly model: string;
  readonly byok: boolean;
  readonly creatorId?: string;
  readonly tokens: TokenCounts;
  readonly policy: string;
  readonly rateCard: string;
  readonly rateCardVersion: number;
  readonly price: Price;
  /** Part of the price that the plan's unlimited allowance covered. */
  readonly allowance: Credits;
  /** Sum of all refunds, by component; absent when there was none. */
  readonly refunded?: RefundParts;
}
