import fc from 'fast-check';
import { FlowId, HoldId, PromptId, RunId } from '#libs/kernel/ids.js';
import { TOKENS_MAX } from '#libs/ledger/pricing/tokens.js';
import type { CreditsHeld, FlowUnlocked, HoldReleased, PromptCharged } from '#libs/ledger/wallet/events.js';
import { HOLD_RELEASE_CAUSES, RUN_PURPOSES } from '#libs/ledger/wallet/vocabulary.js';
import {
  amount,
  type ArbitraryEvents,
  draws,
  ids,
  text,
  time,
  userId,
  walletFact,
  withOptional,
} from './common.js';

const tokenCount = fc.oneof(fc.constant(0), fc.nat(TOKENS_MAX));
const run = {
  runId: ids(RunId),
  model: text,
  purpose: fc.constantFrom(...RUN_PURPOSES),
  byok: fc.boolean(),
  policy: text,
  rateCard: text,
  rateCardVersion: fc.nat(),
  allowance: amount,
};

export const HOLDS: ArbitraryEvents<CreditsHeld | HoldReleased> = {
  CreditsHeld: withOptional(
    {
      ...walletFact('CreditsHeld'),
      ...run,
      holdId: ids(HoldId),
      creatorFee: amount,
      amount,
      parts: draws,
      byokFeeBasisPoints: amount,
      expiresAt: time,
    },
    { creatorId: userId },
  ),
  HoldReleased: fc.record({
    ...walletFact('HoldReleased'),
    holdId: ids(HoldId),
    runId: ids(RunId),
    cause: fc.constantFrom(...HOLD_RELEASE_CAUSES),
    parts: draws,
  }),
};

export const CHARGES: ArbitraryEvents<PromptCharged | FlowUnlocked> = {
  PromptCharged: withOptional(
    {
      ...walletFact('PromptCharged'),
      ...run,
      inputTokens: tokenCount,
      outputTokens: tokenCount,
      cachedInputTokens: tokenCount,
      cacheWriteTokens: tokenCount,
      inference: amount,
      markup: amount,
      byokFee: amount,
      creatorFee: amount,
      creatorShare: amount,
      platformShare: amount,
      total: amount,
      draws,
      uncollected: amount,
    },
    { promptId: ids(PromptId), creatorId: userId, ranAt: time, holdId: ids(HoldId) },
  ),
  FlowUnlocked: fc.record({
    ...walletFact('FlowUnlocked'),
    flowId: ids(FlowId),
    creatorId: userId,
    price: amount,
    creatorShare: amount,
    platformShare: amount,
    draws,
  }),
};
