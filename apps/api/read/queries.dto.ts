import {
  IdField,
  LimitField,
  OneOfField,
  OpaqueField,
  parseUtcTime,
  TimeField,
} from '../validation/fields.js';
import type { Rule } from '../validation/rule.js';
import { TRANSACTION_TYPES } from '#projections/transactions/rows.js';

const MIN_POSITION = {
  description: 'Position of a command reply: the answer shows at least its effect. Waits at most 5 s.',
  example: 'a1b2c3d4-42',
  optional: true,
} as const;

/** Turned round, a span would quietly hold nothing. */
const afterFrom: Rule = {
  name: 'isAfterFrom',
  message: 'must lie after from',
  test: (to, { from }) => (parseUtcTime(from) ?? -Infinity) < (parseUtcTime(to) ?? Infinity),
};

export class UserQueryDto {
  @IdField({ description: 'User whose wallet is read.', example: 'u-1' })
  userId!: string;

  @OpaqueField(MIN_POSITION)
  minPosition?: string;
}

export class PageQueryDto extends UserQueryDto {
  @LimitField({ description: 'Rows a page. Default 50.', example: 50, optional: true })
  limit?: string;

  @OpaqueField({
    description: 'nextCursor of the page before; valid for the same question only.',
    example: '4711.Zk9yX2V4YW1wbGVfb25seV9ub3RfYV9yZWFsX2N1cnNvcg',
    optional: true,
  })
  cursor?: string;
}

export class TransactionsQueryDto extends UserQueryDto {
  @OneOfField(TRANSACTION_TYPES, {
    description: 'Only transactions of this type.',
    example: 'prompt_charge',
    optional: true,
  })
  type?: string;

  @TimeField({
    description: 'Only transactions at or after this time (UTC).',
    example: '2026-11-01T00:00:00Z',
    optional: true,
  })
  from?: string;

  @TimeField({
    description: 'Only transactions before this time (UTC), which lies after from.',
    example: '2026-12-01T00:00:00Z',
    optional: true,
    rules: [afterFrom],
  })
  to?: string;

  @LimitField({ description: 'Transactions a page. Default 50.', example: 50, optional: true })
  limit?: string;

  @OpaqueField({
    description: 'nextCursor of the page before; valid for the same user and filter only.',
    example: '4711.Zk9yX2V4YW1wbGVfb25seV9ub3RfYV9yZWFsX2N1cnNvcg',
    optional: true,
  })
  cursor?: string;
}

export class PositionQueryDto {
  @OpaqueField(MIN_POSITION)
  minPosition?: string;
}

export class TrialBalanceQueryDto extends PositionQueryDto {
  @OpaqueField({
    description: 'Log position at which the books are read. Default: as far as they are written.',
    example: 'a1b2c3d4-42',
    optional: true,
  })
  asOf?: string;
}

export class CreatorPathDto {
  @IdField({ description: 'Creator (a user id).', example: 'c-7' })
  id!: string;
}

export class LotPathDto {
  @IdField({ description: 'Lot of the wallet.', example: 'lot-5f0c1a2b3c4d5e6f' })
  id!: string;
}
