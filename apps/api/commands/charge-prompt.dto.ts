import { RUN_PURPOSES, type RunPurpose } from '#libs/ledger/wallet/vocabulary.js';
import {
  CreditsField,
  FlagField,
  IdField,
  isPositiveAmount,
  KeyField,
  ModelField,
  ObjectField,
  OneOfField,
  OpaqueField,
  TimeField,
  TokensField,
} from '../validation/fields.js';
import type { RawObject, Rule } from '../validation/rule.js';
import type { RawCredits } from './to-command.js';

const TOKEN_FIELDS = ['inputTokens', 'outputTokens', 'cachedInputTokens', 'cacheWriteTokens'] as const;
export const namesTokens = (run: RawObject): boolean =>
  TOKEN_FIELDS.some((field) => run[field] !== undefined);

/** Input and output are counted here unless the provider's own object does it, or a hold names its amount. */
const needsTokens = ({ usage, amount }: RawObject): boolean => usage === undefined && amount === undefined;

const insteadOfTokens: Rule = {
  name: 'isInsteadOfTokens',
  message: 'stands for the token counts: send usage or the four counts, not both',
  test: (_usage, run) => !namesTokens(run),
};

const needsCreator: Rule = {
  name: 'needsCreatorId',
  message: 'needs creatorId: a fee has someone who earns it',
  test: (fee, { creatorId }) => creatorId !== undefined || !isPositiveAmount(fee),
};

/** What a run consumed and whose prompt it was: shared by a quote and a charge. */
export class RunDto {
  @ModelField({
    description: 'Model as requested, before aliases. GET /api/models lists the priced ones.',
    example: 'gpt-4',
  })
  model!: string;

  @TokensField({
    description: 'Tokens read as input, without cached ones. Needed unless usage is sent.',
    example: 1000,
    requiredWhen: needsTokens,
  })
  inputTokens?: number;

  @TokensField({
    description: 'Tokens written as output, reasoning included. Needed unless usage is sent.',
    example: 500,
    requiredWhen: needsTokens,
  })
  outputTokens?: number;

  @TokensField({
    description: 'Tokens read from the provider cache; not part of inputTokens. Default 0.',
    example: 0,
    optional: true,
  })
  cachedInputTokens?: number;

  @TokensField({
    description: 'Tokens written to the provider cache; not part of inputTokens. Default 0.',
    example: 0,
    optional: true,
  })
  cacheWriteTokens?: number;

  @ObjectField({
    description:
      "The provider's own usage object as received (OpenAI, Anthropic, DeepSeek or Mistral), instead of the four token " +
      'counts: the ledger sorts it into them.',
    example: {
      prompt_tokens: 1200,
      completion_tokens: 500,
      total_tokens: 1700,
      prompt_tokens_details: { cached_tokens: 200 },
    },
    optional: true,
    rules: [insteadOfTokens],
  })
  usage?: object;

  @IdField({
    description: 'Creator of the prompt (a user id). Running an own prompt pays no creator fee.',
    example: 'c-7',
    optional: true,
  })
  creatorId?: string;

  @CreditsField({
    description:
      'Creator fee in credits (1,000,000 credits = $1.00). Default 0. Needs creatorId when above 0.',
    example: '1000',
    optional: true,
    rules: [needsCreator],
  })
  creatorFee?: RawCredits;

  @FlagField({
    description: "True for a run on the user's own provider key: no inference, no markup. Default false.",
    example: false,
    optional: true,
  })
  byok?: boolean;
}

const notBesideHold: Rule = {
  name: 'isNotBesideHold',
  message: 'is for a direct charge: the hold has fixed policy and rate card',
  test: (_quote, { holdId }) => holdId === undefined,
};

export class ChargePromptDto extends RunDto {
  @IdField({ description: 'User whose wallet pays.', example: 'u-1' })
  userId!: string;

  @IdField({ description: 'Run id, unique per wallet: a run is charged once.', example: 'run-42' })
  runId!: string;

  @IdField({ description: 'Prompt that was run.', example: 'prompt-9', optional: true })
  promptId?: string;

  @OneOfField(RUN_PURPOSES, {
    description: 'Why it was run. Default run; test runs are priced as runs.',
    example: 'run',
    optional: true,
  })
  purpose?: RunPurpose;

  @IdField({
    description:
      'Hold to settle: it pays first and closes; model, purpose, byok and creator must be those of the hold.',
    example: 'hold-42',
    optional: true,
  })
  holdId?: string;

  @OpaqueField({
    description: 'Quote of calculate-cost, to be priced by the same policy and rate card. Not with holdId.',
    example: 'quote-of-calculate-cost',
    optional: true,
    rules: [notBesideHold],
  })
  quoteId?: string;

  @TimeField({
    description: 'When the run took place (UTC), at most 5 minutes ahead; for analytics only.',
    example: '2026-11-20T16:00:00Z',
    optional: true,
  })
  ranAt?: string;
}

export class ChargeItemDto extends ChargePromptDto {
  @KeyField({
    description: 'Idempotency key of this item, scoped to the wallet. Default `run:<runId>`.',
    example: 'run:run-42',
    optional: true,
  })
  idempotencyKey?: string;
}
