import {
  REFUND_REASONS,
  type RefundReason,
  RUN_PURPOSES,
  type RunPurpose,
} from '#libs/ledger/wallet/vocabulary.js';
import { CreditsField, IdField, OneOfField, OpaqueField, WholeField } from '../validation/fields.js';
import type { Rule } from '../validation/rule.js';
import { namesTokens, RunDto } from './charge-prompt.dto.js';
import type { RawCredits } from './to-command.js';

export const TTL_SECONDS_DEFAULT = 900;
const TTL_SECONDS_MAX = 86_400;

const insteadOfEstimate: Rule = {
  name: 'isInsteadOfEstimate',
  message: 'is the whole estimate: send amount or estimated tokens, not both',
  test: (_amount, run) => !namesTokens(run) && run['usage'] === undefined,
};

/** The estimate is an amount, or tokens in either form that a charge takes. */
export class AuthoriseRunDto extends RunDto {
  @IdField({ description: 'User whose wallet will pay.', example: 'u-1' })
  userId!: string;

  @IdField({ description: 'Hold id, unique in the wallet for ever.', example: 'hold-42' })
  holdId!: string;

  @IdField({ description: 'Run that will be charged.', example: 'run-42' })
  runId!: string;

  @OneOfField(RUN_PURPOSES, {
    description: 'Why it is run. Default run; a test run is counted now.',
    example: 'run',
    optional: true,
  })
  purpose?: RunPurpose;

  @CreditsField({
    description: 'Estimated maximum in credits, creator fee included; instead of estimated tokens.',
    example: '80000',
    min: 1,
    optional: true,
    rules: [insteadOfEstimate],
  })
  amount?: RawCredits;

  @OpaqueField({
    description: 'Quote of calculate-cost, to be priced by the same policy and rate card.',
    example: 'quote-of-calculate-cost',
    optional: true,
  })
  quoteId?: string;

  @WholeField({
    description: `Life of the hold in seconds, then it releases itself. Default ${TTL_SECONDS_DEFAULT}.`,
    example: TTL_SECONDS_DEFAULT,
    min: 1,
    max: TTL_SECONDS_MAX,
    optional: true,
  })
  ttlSeconds?: number;
}

export class ReleaseHoldDto {
  @IdField({ description: 'User whose wallet has the hold.', example: 'u-1' })
  userId!: string;
}

export class RefundPromptDto {
  @IdField({ description: 'User who paid for the run.', example: 'u-1' })
  userId!: string;

  @IdField({ description: 'Run that was charged.', example: 'run-42' })
  runId!: string;

  @IdField({ description: 'Refund id, unique in the wallet, runs and flows together.', example: 'refund-7' })
  refundId!: string;

  @CreditsField({
    description: 'Credits to give back, 1 or more. Default: all that is left of the charge.',
    example: '61000',
    min: 1,
    optional: true,
  })
  amount?: RawCredits;

  @OneOfField(REFUND_REASONS, { description: 'Why, a code.', example: 'quality' })
  reason!: RefundReason;
}
