import type { RunPurpose } from '#libs/ledger/wallet/events.js';
import {
  CreditsField,
  FlagField,
  IdField,
  isPositiveAmount,
  KeyField,
  ModelField,
  OneOfField,
  TimeField,
  TokensField,
} from '../validation/fields.js';
import type { Rule } from '../validation/rule.js';

/** An amount as JSON carries it. */
export type RawCredits = string | number;

export const RUN_PURPOSES = ['run', 'test'] as const satisfies readonly RunPurpose[];

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

  @TokensField({ description: 'Tokens read as input, without cached ones.', example: 1000 })
  inputTokens!: number;

  @TokensField({ description: 'Tokens written as output, reasoning included.', example: 500 })
  outputTokens!: number;

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
