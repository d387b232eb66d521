import type {
  CreditsHeld,
  FlowUnlocked,
  FlowUnlockRefunded,
  HoldReleased,
  LotRestored,
  PromptChanged,
  PromptCharged,
  PromptCreated,
  PromptDeleted,
  PromptRefunded,
} from '#libs/ledger/wallet/events.js';
import { isoTime, isoTimeIfAny, type Mappings, present, publicBalance } from './mapping.js';

const HOLDS_STAY = 'a reservation moves no credits; what comes of it is told as the charge';
const PROMPTS_STAY = 'the marketplace itself keeps prompts; here they are counted for the limits of a plan';

export const MAPPED_RUN_EVENTS: Mappings<
  | CreditsHeld
  | HoldReleased
  | PromptCharged
  | PromptRefunded
  | FlowUnlocked
  | FlowUnlockRefunded
  | PromptCreated
  | PromptChanged
  | PromptDeleted
> = {
  CreditsHeld: { keptBecause: HOLDS_STAY },
  HoldReleased: { keptBecause: HOLDS_STAY },
  PromptCreated: { keptBecause: PROMPTS_STAY },
  PromptChanged: { keptBecause: PROMPTS_STAY },
  PromptDeleted: { keptBecause: PROMPTS_STAY },
  PromptCharged: {
    as: 'promptflow.prompt.charged.v1',
    data: (event, balance) =>
      present({
        userId: event.userId,
        at: isoTime(event.at),
        runId: event.runId,
        promptId: event.promptId,
        model: event.model,
        purpose: event.purpose,
        byok: event.byok,
        inputTokens: event.inputTokens,
        outputTokens: event.outputTokens,
        cachedInputTokens: event.cachedInputTokens,
        cacheWriteTokens: event.cacheWriteTokens,
        inferenceCost: event.inference.toString(),
        creatorFee: event.creatorFee.toString(),
        platformMarkup: event.markup.toString(),
        byokFee: event.byokFee.toString(),
        total: event.total.toString(),
        creatorShare: event.creatorShare.toString(),
        platformShare: event.platformShare.toString(),
        creatorId: event.creatorId,
        allowance: event.allowance.toString(),
        uncollected: event.uncollected.toString(),
        holdId: event.holdId,
        ranAt: isoTimeIfAny(event.ranAt),
        policy: event.policy,
        rateCard: event.rateCard,
        rateCardVersion: event.rateCardVersion,
        balanceAfter: publicBalance(balance),
      }),
  },
  PromptRefunded: {
    as: 'promptflow.prompt.refunded.v1',
    data: ({ runId, creatorId, parts, ...event }, balance) =>
      present({
        userId: event.userId,
        at: isoTime(event.at),
        runId,
        ...refundOf(event),
        creatorId,
        parts: {
          inferenceCost: parts.inference.toString(),
          platformMarkup: parts.markup.toString(),
          byokFee: parts.byokFee.toString(),
          platformShare: parts.platformShare.toString(),
          creatorShare: parts.creatorShare.toString(),
        },
        balanceAfter: publicBalance(balance),
      }),
  },
  FlowUnlocked: {
    as: 'promptflow.flow.unlocked.v1',
    data: (event, balance) =>
      present({
        userId: event.userId,
        at: isoTime(event.at),
        flowId: event.flowId,
        creatorId: event.creatorId,
        price: event.price.toString(),
        creatorShare: event.creatorShare.toString(),
        platformShare: event.platformShare.toString(),
        balanceAfter: publicBalance(balance),
      }),
  },
  FlowUnlockRefunded: {
    as: 'promptflow.flow.unlock_refunded.v1',
    data: (event, balance) =>
      present({
        userId: event.userId,
        at: isoTime(event.at),
        flowId: event.flowId,
        creatorId: event.creatorId,
        ...refundOf(event),
        creatorShare: event.creatorShare.toString(),
        platformShare: event.platformShare.toString(),
        balanceAfter: publicBalance(balance),
      }),
  },
};

type Refund = Pick<PromptRefunded, 'refundId' | 'amount' | 'reason' | 'restored' | 'chargedAt'>;

const refundOf = ({ refundId, amount, reason, restored, chargedAt }: Refund) => ({
  refundId,
  amount: amount.toString(),
  reason,
  credited: creditedBy(restored).toString(),
  chargedAt: isoTime(chargedAt),
});

/** A part of a lot that was revoked goes nowhere: it lowers what is uncollected. */
const creditedBy = (restored: readonly LotRestored[]): bigint =>
  restored.reduce((sum, { into, amount }) => (into === 'revoked' ? sum : sum + amount), 0n);
