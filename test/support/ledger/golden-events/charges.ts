import { FlowId, HoldId, PromptId, RunId } from '#libs/kernel/ids.js';
import type { PromptCharged } from '#libs/ledger/wallet/events.js';
import { AT, CREATOR, type GoldenEvents, USER } from './common.js';

const DIRECT: PromptCharged = {
  type: 'PromptCharged',
  userId: USER,
  at: AT,
  runId: RunId.of('run-1'),
  promptId: PromptId.of('prompt-1'),
  model: 'claude-3-opus-200k',
  inputTokens: 1_000,
  outputTokens: 200,
  cachedInputTokens: 30,
  cacheWriteTokens: 4,
  purpose: 'test',
  byok: true,
  creatorId: CREATOR,
  ranAt: AT - 1,
  policy: 'three-part-v1',
  rateCard: 'standard',
  rateCardVersion: 1,
  inference: 30_121n,
  markup: 3_013n,
  byokFee: 12n,
  creatorFee: 1_003n,
  creatorShare: 803n,
  platformShare: 200n,
  total: 34_149n,
  draws: [
    { lotId: 'monthly-2026-11', kind: 'monthly', origin: 'monthly', amount: 149n },
    { lotId: 'lot-1', kind: 'promo', origin: 'adjustment', amount: 4_000n },
  ],
  allowance: 30_000n,
  uncollected: 0n,
};

export const CHARGES: GoldenEvents = {
  // Stored before charges could settle holds.
  'PromptCharged.v1': DIRECT,
  'PromptCharged.v1-settled': {
    ...DIRECT,
    draws: [{ lotId: 'monthly-2026-11', kind: 'monthly', origin: 'monthly', amount: 149n }],
    holdId: HoldId.of('hold-1'),
    uncollected: 4_000n,
  },
  'FlowUnlocked.v1': {
    type: 'FlowUnlocked',
    userId: USER,
    at: AT,
    flowId: FlowId.of('flow-1'),
    creatorId: CREATOR,
    price: 99n,
    creatorShare: 80n,
    platformShare: 19n,
    draws: [{ lotId: 'lot-2', kind: 'refund', origin: 'legacy', amount: 99n }],
  },
};
