import type { Credits } from '#libs/kernel/credits.js';
import type { FlowId, PaymentId, PromptId, RunId, UserId } from '#libs/kernel/ids.js';
import type { PlanName } from '../plans/plan-table.js';
import type { TokenCounts } from '../pricing/tokens.js';
import type { CostBasis, RunPurpose } from './events.js';

export interface OpenWalletCommand {
  readonly type: 'OpenWallet';
  readonly userId: UserId;
  readonly plan: PlanName;
}

export const PROMO_REASONS = [
  'welcome',
  'bonus',
  'campaign',
  'goodwill',
  'correction',
  'migration',
  'other',
] as const;
/** Why promotional or adjusting credits were given (domain rules, section 1). */
export type PromoReason = (typeof PROMO_REASONS)[number];

interface AddCreditsBase {
  readonly type: 'AddCredits';
  readonly userId: UserId;
  /** 1 or more. */
  readonly amount: Credits;
  readonly expiresAt?: number;
}

export interface AddPurchase extends AddCreditsBase {
  readonly kind: 'purchased';
  /** Unique in the whole ledger. */
  readonly paymentId: PaymentId;
  readonly costBasis?: CostBasis;
}

export interface AddGrant extends AddCreditsBase {
  readonly kind: 'promo' | 'adjustment';
  readonly reason: PromoReason;
  readonly reference?: string;
}

export type AddCreditsCommand = AddPurchase | AddGrant;

export interface ChargePromptCommand {
  readonly type: 'ChargePrompt';
  readonly userId: UserId;
  readonly runId: RunId;
  readonly promptId?: PromptId;
  readonly model: string;
  readonly tokens: TokenCounts;
  readonly creatorId?: UserId;
  /** As asked; an own prompt pays none. */
  readonly creatorFee: Credits;
  readonly byok: boolean;
  readonly purpose: RunPurpose;
  readonly ranAt?: number;
}

export interface UnlockFlowCommand {
  readonly type: 'UnlockFlow';
  readonly userId: UserId;
  readonly flowId: FlowId;
  readonly creatorId: UserId;
  /** 1 or more. */
  readonly price: Credits;
}

export type WalletCommand = OpenWalletCommand | AddCreditsCommand | ChargePromptCommand | UnlockFlowCommand;
