import { FlowId, HoldId, PaymentId, PromptId, RefundId, RunId, UserId } from '#libs/kernel/ids.js';
import type { PlanName } from '#libs/ledger/plans/plan-table.js';
import type { TokenCounts } from '#libs/ledger/pricing/tokens.js';
import type {
  AuthoriseRunCommand,
  ChargePromptCommand,
  QuotedTerms,
  WalletCommand,
} from '#libs/ledger/wallet/commands.js';
import type {
  ClosingRemainder,
  FreezeReason,
  PromoReason,
  PromptVisibility,
  RefundReason,
  RunPurpose,
} from '#libs/ledger/wallet/vocabulary.js';
import { USER } from './wallet-builders.js';

interface RunIntent {
  readonly runId: string;
  readonly model: string;
  readonly byok: boolean;
  readonly purpose: RunPurpose;
  readonly creatorId?: string;
  readonly creatorFee: bigint;
  /** Priced by a quote that is good for so long, or ran out so long ago. */
  readonly quotedMs?: number;
}

/**
 * What somebody wants of a wallet, in words that shrink well. Which hold, charge or payment is meant is counted back
 * from the last one that was granted.
 */
export type Intent =
  | { readonly do: 'open'; readonly plan: PlanName; readonly mayGrant: boolean }
  | { readonly do: 'close'; readonly remainder: ClosingRemainder }
  | { readonly do: 'freeze'; readonly reason: FreezeReason }
  | { readonly do: 'unfreeze' | 'cancelPlanChange' | 'advance' }
  | { readonly do: 'thresholds'; readonly thresholds: readonly bigint[] }
  | {
      readonly do: 'purchase';
      readonly paymentId: string;
      readonly amount: bigint;
      readonly livesMs: number | undefined;
    }
  | {
      readonly do: 'give';
      readonly kind: 'promo' | 'adjustment';
      readonly amount: bigint;
      readonly livesMs: number | undefined;
      readonly reason: PromoReason;
    }
  | { readonly do: 'revoke' | 'reinstate' | 'release'; readonly back: number }
  | { readonly do: 'correct'; readonly amount: bigint }
  | {
      readonly do: 'subscribe';
      readonly plan: Exclude<PlanName, 'FREE'>;
      readonly paymentId: string;
      readonly fromMs: number;
      readonly livesMs: number;
    }
  | { readonly do: 'changePlan'; readonly plan: PlanName; readonly mayGrant: boolean }
  | ({ readonly do: 'charge'; readonly tokens: TokenCounts } & RunIntent)
  | ({
      readonly do: 'hold';
      readonly holdId: string;
      readonly estimate: { readonly tokens: TokenCounts } | { readonly above: bigint };
      readonly ttlMs: number;
    } & RunIntent)
  | {
      readonly do: 'settle';
      readonly back: number;
      readonly tokens: TokenCounts;
      readonly feePercent: number;
      /** The field that is not as the hold has it. */
      readonly odd?: 'runId' | 'model' | 'purpose' | 'byok' | 'creatorId' | 'holdId';
    }
  | {
      readonly do: 'refund';
      readonly refundId: string;
      readonly back: number;
      readonly amount: bigint | undefined;
      readonly reason: RefundReason;
    }
  | { readonly do: 'unlock'; readonly flowId: string; readonly creatorId: string; readonly price: bigint }
  | {
      readonly do: 'refundFlow';
      readonly refundId: string;
      readonly back: number;
      readonly reason: RefundReason;
    }
  | {
      readonly do: 'createPrompt';
      readonly promptId: string;
      readonly visibility: PromptVisibility;
      readonly sizeBytes: number;
    }
  | {
      readonly do: 'changePrompt';
      readonly promptId: string;
      readonly visibility?: PromptVisibility;
      readonly sizeBytes?: number;
    }
  | { readonly do: 'deletePrompt'; readonly promptId: string };

/** An intent and the time that passes before it; a clock may also stand a little behind. */
export interface Step {
  readonly intent: Intent;
  readonly afterMs: number;
}

/** What a command may refer to: whose wallet, when, what was granted before, and the prices in force. */
export interface Moment {
  readonly userId?: string;
  readonly now: number;
  readonly history: readonly WalletCommand[];
  readonly quote?: (now: number) => Omit<QuotedTerms, 'expiresAt'>;
}

type Of<T extends Intent['do']> = Extract<Intent, { readonly do: T }>;

/** Named when there is nothing earlier to refer to. */
const NONE = 'none';

export function commandAt(intent: Intent, moment: Moment): WalletCommand {
  const { now, history } = moment;
  const userId = UserId.of(moment.userId ?? USER);
  const for_ = { userId } as const;
  switch (intent.do) {
    case 'open':
      return { type: 'OpenWallet', ...for_, plan: intent.plan, mayGrant: intent.mayGrant };
    case 'close':
      return { type: 'CloseWallet', ...for_, remainder: intent.remainder };
    case 'freeze':
      return { type: 'FreezeWallet', ...for_, reason: intent.reason };
    case 'unfreeze':
      return { type: 'UnfreezeWallet', ...for_ };
    case 'cancelPlanChange':
      return { type: 'CancelPlanChange', ...for_ };
    case 'advance':
      return { type: 'AdvanceWallet', ...for_ };
    case 'thresholds':
      return { type: 'SetThresholds', ...for_, thresholds: intent.thresholds };
    case 'purchase':
    case 'give':
      return added(intent, moment, userId);
    case 'revoke':
      return {
        type: 'RevokeCredits',
        ...for_,
        reason: 'chargeback',
        paymentId: paymentBack(history, intent.back),
      };
    case 'reinstate':
      return { type: 'ReinstateCredits', ...for_, paymentId: paymentBack(history, intent.back) };
    case 'correct':
      return { type: 'RevokeCredits', ...for_, reason: 'correction', amount: intent.amount };
    case 'subscribe':
      return {
        type: 'PaySubscription',
        ...for_,
        plan: intent.plan,
        paymentId: PaymentId.of(intent.paymentId),
        amount: 20_000_000n,
        from: now + intent.fromMs,
        until: now + intent.fromMs + intent.livesMs,
      };
    case 'changePlan':
      return { type: 'ChangePlan', ...for_, plan: intent.plan, mayGrant: intent.mayGrant };
    case 'charge':
      return { type: 'ChargePrompt', ...runOf(intent, moment, userId), tokens: intent.tokens };
    case 'hold':
      return held(intent, moment, userId);
    case 'release':
      return {
        type: 'ReleaseHold',
        ...for_,
        holdId: holdBack(history, intent.back)?.holdId ?? HoldId.of(NONE),
      };
    case 'settle':
      return settled(intent, moment, userId);
    case 'refund':
      return {
        type: 'RefundPrompt',
        ...for_,
        runId: chargeBack(history, intent.back)?.runId ?? RunId.of(NONE),
        refundId: RefundId.of(intent.refundId),
        ...(intent.amount === undefined ? {} : { amount: intent.amount }),
        reason: intent.reason,
      };
    case 'unlock': {
      const { flowId, creatorId, price } = intent;
      return {
        type: 'UnlockFlow',
        ...for_,
        flowId: FlowId.of(flowId),
        creatorId: creatorOf(creatorId, userId),
        price,
      };
    }
    case 'refundFlow': {
      const { back, refundId, reason } = intent;
      const flowId = unlockBack(history, back)?.flowId ?? FlowId.of(NONE);
      return { type: 'RefundFlow', ...for_, flowId, refundId: RefundId.of(refundId), reason };
    }
    case 'createPrompt': {
      const { visibility, sizeBytes } = intent;
      return { type: 'CreatePrompt', ...for_, promptId: PromptId.of(intent.promptId), visibility, sizeBytes };
    }
    case 'changePrompt': {
      const { do: _, promptId, ...change } = intent;
      return { type: 'ChangePrompt', ...for_, promptId: PromptId.of(promptId), ...change };
    }
    case 'deletePrompt':
      return { type: 'DeletePrompt', ...for_, promptId: PromptId.of(intent.promptId) };
  }
}

/** `USER` among the creators means the wallet's own user. */
const creatorOf = (creatorId: string, userId: UserId): UserId =>
  creatorId === USER ? userId : UserId.of(creatorId);

function runOf(intent: RunIntent, { now, quote }: Moment, userId: UserId) {
  const { runId, model, byok, purpose, creatorId, creatorFee, quotedMs } = intent;
  return {
    userId,
    runId: RunId.of(runId),
    model,
    byok,
    purpose,
    creatorFee,
    ...(creatorId === undefined ? {} : { creatorId: creatorOf(creatorId, userId) }),
    ...(quotedMs === undefined || quote === undefined
      ? {}
      : { quote: { ...quote(now), expiresAt: now + quotedMs } }),
  };
}

function added(intent: Of<'purchase' | 'give'>, { now }: Moment, userId: UserId): WalletCommand {
  const { amount, livesMs } = intent;
  const expiry = livesMs === undefined ? {} : { expiresAt: now + livesMs };
  return intent.do === 'purchase'
    ? {
        type: 'AddCredits',
        userId,
        kind: 'purchased',
        amount,
        paymentId: PaymentId.of(intent.paymentId),
        ...expiry,
      }
    : { type: 'AddCredits', userId, kind: intent.kind, amount, reason: intent.reason, ...expiry };
}

function held(intent: Of<'hold'>, moment: Moment, userId: UserId): AuthoriseRunCommand {
  const { holdId, estimate, ttlMs, creatorFee } = intent;
  return {
    type: 'AuthoriseRun',
    ...runOf(intent, moment, userId),
    holdId: HoldId.of(holdId),
    estimate: 'above' in estimate ? { amount: estimate.above + creatorFee + 1n } : estimate,
    ttlMs,
  };
}

function settled(intent: Of<'settle'>, moment: Moment, userId: UserId): ChargePromptCommand {
  const hold = holdBack(moment.history, intent.back);
  const { odd } = intent;
  const creatorId = odd === 'creatorId' ? UserId.of('c-other') : hold?.creatorId;
  const asked = hold?.creatorFee ?? 0n;
  return {
    type: 'ChargePrompt',
    userId,
    runId: odd === 'runId' || hold === undefined ? RunId.of('run-other') : hold.runId,
    model: odd === 'model' || hold === undefined ? 'mixtral-8x7b' : hold.model,
    tokens: intent.tokens,
    byok: (hold?.byok ?? false) !== (odd === 'byok'),
    purpose: ((hold?.purpose ?? 'run') === 'run') !== (odd === 'purpose') ? 'run' : 'test',
    creatorFee: creatorId === undefined ? 0n : (asked * BigInt(intent.feePercent) + 99n) / 100n,
    ...(creatorId === undefined ? {} : { creatorId }),
    holdId: odd === 'holdId' || hold === undefined ? HoldId.of('hold-other') : hold.holdId,
  };
}

/** The command of one kind, so many back from the last one granted. */
function pick<C extends WalletCommand>(
  history: readonly WalletCommand[],
  back: number,
  is: (command: WalletCommand) => command is C,
): C | undefined {
  const all = history.filter(is);
  return all[all.length - 1 - (back % Math.max(all.length, 1))];
}

const holdBack = (history: readonly WalletCommand[], back: number) =>
  pick(history, back, (command) => command.type === 'AuthoriseRun');

const chargeBack = (history: readonly WalletCommand[], back: number) =>
  pick(history, back, (command) => command.type === 'ChargePrompt');

const unlockBack = (history: readonly WalletCommand[], back: number) =>
  pick(history, back, (command) => command.type === 'UnlockFlow');

const paymentBack = (history: readonly WalletCommand[], back: number): PaymentId =>
  pick(
    history,
    back,
    (command): command is Extract<WalletCommand, { readonly kind: 'purchased' }> =>
      command.type === 'AddCredits' && command.kind === 'purchased',
  )?.paymentId ?? PaymentId.of(NONE);
