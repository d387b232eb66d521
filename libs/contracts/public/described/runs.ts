import { REFUND_REASONS, RUN_PURPOSES } from '#libs/ledger/wallet/vocabulary.js';
import { count, credits, flag, openWord, optional, record, text, time } from '../field.js';
import { MOVES_CREDITS } from './common.js';

const SHARES = {
  creatorShare: credits("Part of the fee that is the creator's."),
  platformShare: credits("Part of the fee that is the platform's."),
};

const REFUND = {
  refundId: text('The refund.'),
  amount: credits('What of the price is given back.'),
  reason: openWord(REFUND_REASONS, 'Why.'),
  credited: credits(
    'What of it is in the wallet again. The rest had been covered by an allowance, was never paid, or came from credits since revoked.',
  ),
  chargedAt: time('When what is refunded was charged.'),
};

/** Runs of prompts and unlocked flows: what users pay for. */
export const RUN_EVENTS = {
  'promptflow.prompt.charged.v1': {
    summary: 'A run was paid for.',
    fields: {
      ...MOVES_CREDITS,
      runId: text('The run: charged once, for ever.'),
      promptId: optional(text('The prompt that was run.')),
      model: text('As it was asked for.'),
      purpose: openWord(RUN_PURPOSES, 'A run, or a test of a prompt.'),
      byok: flag("Whether it ran on the user's own provider key."),
      inputTokens: count('Tokens read, without those of the next two buckets.'),
      outputTokens: count('Tokens written.'),
      cachedInputTokens: count("Tokens read from the provider's cache."),
      cacheWriteTokens: count("Tokens written to the provider's cache."),
      inferenceCost: credits('What the model costs.'),
      creatorFee: credits('What the creator of the prompt asks.'),
      platformMarkup: credits('What the platform adds when there is no creator fee.'),
      byokFee: credits("What the platform asks for a run on the user's own key."),
      total: credits('The sum of these four.'),
      ...SHARES,
      creatorId: optional(text("Who gets the creator's share.")),
      allowance: credits('Part of the total that an unlimited plan has covered.'),
      uncollected: credits('Part of the total that nothing was left to pay for.'),
      holdId: optional(text('The hold that this charge has settled.')),
      ranAt: optional(time('When the run took place, if the caller said so.')),
      policy: text('Pricing policy.'),
      rateCard: text('Rate card.'),
      rateCardVersion: count('Its version: with it the price can be derived again.'),
    },
  },
  'promptflow.prompt.refunded.v1': {
    summary: 'A run was refunded, in whole or in part.',
    fields: {
      ...MOVES_CREDITS,
      runId: text('The run.'),
      ...REFUND,
      creatorId: optional(text("Who gives back the creator's share.")),
      parts: record('The components of the price that the amount is taken from.', {
        inferenceCost: credits("Of the model's cost."),
        platformMarkup: credits('Of the markup.'),
        byokFee: credits('Of the fee for runs on an own key.'),
        platformShare: credits("Of the platform's share of the fee."),
        creatorShare: credits("Of the creator's share of the fee."),
      }),
    },
  },
  'promptflow.flow.unlocked.v1': {
    summary: 'A flow was bought: once per user and flow.',
    fields: {
      ...MOVES_CREDITS,
      flowId: text('The flow.'),
      creatorId: text('Whose flow it is.'),
      price: credits('What it cost.'),
      ...SHARES,
    },
  },
  'promptflow.flow.unlock_refunded.v1': {
    summary: 'An unlocked flow was given back.',
    fields: {
      ...MOVES_CREDITS,
      flowId: text('The flow.'),
      creatorId: text('Whose flow it is.'),
      ...REFUND,
      ...SHARES,
    },
  },
} as const;
