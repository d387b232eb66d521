import { CREDITS_PER_CENT, parseCredits } from '#libs/kernel/credits.js';
import { PAYOUT_FAILURE_REASONS, type PayoutFailureReason } from '#libs/ledger/creator/vocabulary.js';
import type { RawCredits } from '../commands/to-command.js';
import { CreditsField, IdField, LimitField, OneOfField, OpaqueField } from '../validation/fields.js';
import { Field, type Rule } from '../validation/rule.js';
import { PositionQueryDto } from '../read/queries.dto.js';

const wholeCents: Rule = {
  name: 'isWholeCents',
  message: `must be whole cents: a multiple of ${CREDITS_PER_CENT} credits`,
  test: (raw) => {
    const parsed = parseCredits(raw);
    return !parsed.ok || parsed.value % CREDITS_PER_CENT === 0n;
  },
};

export class RequestPayoutDto {
  @IdField({ description: 'Payout id, used once by the creator for ever.', example: 'payout-2026-11' })
  payoutId!: string;

  @CreditsField({
    description:
      'Credits to pay out, whole cents (10,000 credits). Default: all whole cents that are payable.',
    example: '12340000',
    min: 1,
    optional: true,
    rules: [wholeCents],
  })
  amount?: RawCredits;
}

export class MarkPayoutDto {
  @IdField({ description: 'The provider’s id of the transfer.', example: 'tr-5f0c1a2b', optional: true })
  reference?: string;
}

export class FailPayoutDto {
  @OneOfField(PAYOUT_FAILURE_REASONS, { description: 'Why, a code.', example: 'returned' })
  reason!: PayoutFailureReason;
}

export class PayoutDestinationDto {
  @IdField({ description: 'Provider that pays out.', example: 'bank' })
  provider!: string;

  @IdField({
    description: 'The provider’s own id of the verified account; never bank details, which stay with it.',
    example: 'acct-7',
  })
  reference!: string;
}

export class PayoutsQueryDto extends PositionQueryDto {
  @LimitField({ description: 'Payouts a page. Default 50.', example: 50, optional: true })
  limit?: string;

  @OpaqueField({
    description: 'nextCursor of the page before; valid for the same creator only.',
    example: '4711.Zk9yX2V4YW1wbGVfb25seV9ub3RfYV9yZWFsX2N1cnNvcg',
    optional: true,
  })
  cursor?: string;
}

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

const isMonth: Rule = {
  name: 'isMonth',
  message: 'must be a month, for example 2026-11',
  test: (raw) => typeof raw === 'string' && MONTH.test(raw),
};

export class StatementQueryDto extends PositionQueryDto {
  @Field(
    [isMonth],
    {},
    {
      type: 'string',
      pattern: MONTH.source,
      description: 'Month (UTC).',
      example: '2026-11',
    },
  )
  month!: string;
}
