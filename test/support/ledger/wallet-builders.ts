import { FlowId, PaymentId, RunId, UserId } from '#libs/kernel/ids.js';
import type { PlanName } from '#libs/ledger/plans/plan-table.js';
import type {
  AddGrant,
  AddPurchase,
  ChargePromptCommand,
  OpenWalletCommand,
  UnlockFlowCommand,
} from '#libs/ledger/wallet/commands.js';
import type {
  CreditsAdded,
  CreditsExpired,
  FlowUnlocked,
  LotDraw,
  PromptCharged,
  WalletOpened,
} from '#libs/ledger/wallet/events.js';
import type { LotKind, LotOrigin } from '#libs/ledger/wallet/vocabulary.js';

/** Commands and events of one wallet, complete by default; a test names only what it is about. */

export const USER = UserId.of('u-1');
export const CREATOR = UserId.of('c-1');
export const utc = (text: string): number => Date.parse(`${text}Z`);
export const OPENED_AT = utc('2026-11-03T08:00:00.000');
export const NOW = utc('2026-11-20T16:00:00.000');
export const NOVEMBER_END = utc('2026-12-01T00:00:00.000');
export const COMMAND_ID = '0123456789abcdef0123456789abcdef';
/** Id of the lot that a command with `COMMAND_ID` adds. */
export const NEW_LOT_ID = 'lot-0123456789abcdef';

export const tokens = (inputTokens: number, outputTokens = 0) => ({
  inputTokens,
  outputTokens,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
});

export const open = (plan: PlanName = 'FREE', mayGrant = true): OpenWalletCommand => ({
  type: 'OpenWallet',
  userId: USER,
  plan,
  mayGrant,
});

export const buy = (amount: bigint, more: Partial<AddPurchase> = {}): AddPurchase => ({
  type: 'AddCredits',
  userId: USER,
  kind: 'purchased',
  amount,
  paymentId: PaymentId.of('pay-1'),
  ...more,
});

export const give = (amount: bigint, more: Partial<AddGrant> = {}): AddGrant => ({
  type: 'AddCredits',
  userId: USER,
  kind: 'promo',
  amount,
  reason: 'welcome',
  ...more,
});

/** One input token of mixtral costs 0.7 credits; 1,000 gpt-4 input tokens cost 30,000 credits. */
export const charge = (more: Partial<ChargePromptCommand> = {}): ChargePromptCommand => ({
  type: 'ChargePrompt',
  userId: USER,
  runId: RunId.of('run-1'),
  model: 'gpt-4',
  tokens: tokens(1_000),
  creatorFee: 0n,
  byok: false,
  purpose: 'run',
  ...more,
});

export const unlock = (price: bigint, more: Partial<UnlockFlowCommand> = {}): UnlockFlowCommand => ({
  type: 'UnlockFlow',
  userId: USER,
  flowId: FlowId.of('flow-1'),
  creatorId: CREATOR,
  price,
  ...more,
});

/** On a plan whose models include gpt-4, the one that `charge()` runs. */
export const opened = (plan: PlanName = 'PRO', at = OPENED_AT): WalletOpened => ({
  type: 'WalletOpened',
  userId: USER,
  at,
  plan,
  planTable: 'standard',
  planTableVersion: 1,
  coverage: plan === 'FREE' ? 'free' : 'granted',
});

export const granted = (amount: bigint, at: number, expiresAt: number): CreditsAdded => ({
  type: 'CreditsAdded',
  userId: USER,
  at,
  lotId: `monthly-${new Date(at).toISOString().slice(0, 7)}`,
  kind: 'monthly',
  origin: 'monthly',
  amount,
  expiresAt,
});

const ORIGIN_OF: Readonly<Record<LotKind, LotOrigin>> = {
  monthly: 'monthly',
  promo: 'promo',
  refund: 'purchased',
  purchased: 'purchased',
};

export const added = (
  lotId: string,
  kind: LotKind,
  amount: bigint,
  more: Partial<CreditsAdded> = {},
): CreditsAdded => ({
  type: 'CreditsAdded',
  userId: USER,
  at: OPENED_AT,
  lotId,
  kind,
  origin: ORIGIN_OF[kind],
  amount,
  ...more,
});

export const draw = (
  lotId: string,
  kind: LotKind,
  amount: bigint,
  origin: LotOrigin = ORIGIN_OF[kind],
): LotDraw => ({ lotId, kind, origin, amount });

export const expired = (
  lotId: string,
  kind: LotKind,
  amount: bigint,
  at: number,
  origin: LotOrigin = ORIGIN_OF[kind],
): CreditsExpired => ({ type: 'CreditsExpired', userId: USER, at, ...draw(lotId, kind, amount, origin) });

/** The charge of `charge()`: gpt-4, 1,000 input tokens, 30,000 credits and 10 % markup. */
export const charged = (draws: readonly LotDraw[], more: Partial<PromptCharged> = {}): PromptCharged => ({
  type: 'PromptCharged',
  userId: USER,
  at: NOW,
  runId: RunId.of('run-1'),
  model: 'gpt-4',
  ...tokens(1_000),
  purpose: 'run',
  byok: false,
  policy: 'three-part-v1',
  rateCard: 'standard',
  rateCardVersion: 1,
  inference: 30_000n,
  markup: 3_000n,
  byokFee: 0n,
  creatorFee: 0n,
  creatorShare: 0n,
  platformShare: 0n,
  total: 33_000n,
  draws,
  allowance: 0n,
  uncollected: 0n,
  ...more,
});

export const unlocked = (
  price: bigint,
  [creatorShare, platformShare]: readonly [bigint, bigint],
  draws: readonly LotDraw[],
  more: Partial<FlowUnlocked> = {},
): FlowUnlocked => ({
  type: 'FlowUnlocked',
  userId: USER,
  at: NOW,
  flowId: FlowId.of('flow-1'),
  creatorId: CREATOR,
  price,
  creatorShare,
  platformShare,
  draws,
  ...more,
});
