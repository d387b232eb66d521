import fc from 'fast-check';
import { PromptId } from '#libs/kernel/ids.js';
import type {
  BalanceThresholdCrossed,
  PromptChanged,
  PromptCreated,
  PromptDeleted,
  ThresholdsSet,
} from '#libs/ledger/wallet/events.js';
import { PROMPT_VISIBILITIES } from '#libs/ledger/wallet/vocabulary.js';
import { amount, type ArbitraryEvents, ids, walletFact } from './common.js';

const SIZE_MAX_BYTES = 1_000_000_000_000_000;
const promptId = ids(PromptId);
const prompt = {
  promptId,
  visibility: fc.constantFrom(...PROMPT_VISIBILITIES),
  sizeBytes: fc.integer({ min: 0, max: SIZE_MAX_BYTES }),
};

export const PROMPTS: ArbitraryEvents<PromptCreated | PromptChanged | PromptDeleted> = {
  PromptCreated: fc.record({ ...walletFact('PromptCreated'), ...prompt }),
  PromptChanged: fc.record({ ...walletFact('PromptChanged'), ...prompt }),
  PromptDeleted: fc.record({ ...walletFact('PromptDeleted'), promptId }),
};

export const THRESHOLDS: ArbitraryEvents<ThresholdsSet | BalanceThresholdCrossed> = {
  ThresholdsSet: fc.record({
    ...walletFact('ThresholdsSet'),
    thresholds: fc.array(amount, { maxLength: 10 }),
  }),
  BalanceThresholdCrossed: fc.record({
    ...walletFact('BalanceThresholdCrossed'),
    threshold: amount,
    available: amount,
  }),
};
