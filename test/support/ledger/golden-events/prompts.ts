import { PromptId } from '#libs/kernel/ids.js';
import { AT, type GoldenEvents, USER } from './common.js';

export const PROMPTS: GoldenEvents = {
  'PromptCreated.v1': {
    type: 'PromptCreated',
    userId: USER,
    at: AT,
    promptId: PromptId.of('prompt-1'),
    visibility: 'private',
    sizeBytes: 1_000_000_000_000_000,
  },
  'PromptChanged.v1': {
    type: 'PromptChanged',
    userId: USER,
    at: AT,
    promptId: PromptId.of('prompt-1'),
    visibility: 'public',
    sizeBytes: 2_048,
  },
  'PromptDeleted.v1': { type: 'PromptDeleted', userId: USER, at: AT, promptId: PromptId.of('prompt-1') },
  'ThresholdsSet.v1': { type: 'ThresholdsSet', userId: USER, at: AT, thresholds: [5_000_000n, 1_000_000n] },
  'BalanceThresholdCrossed.v1': {
    type: 'BalanceThresholdCrossed',
    userId: USER,
    at: AT,
    threshold: 1_000_000n,
    available: 999_999n,
  },
};
