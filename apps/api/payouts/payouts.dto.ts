import { TRANSFER_STATES } from '#libs/payouts/transfer.js';
import { IdField, LimitField, OneOfField, OpaqueField } from '../validation/fields.js';

/** A command that has all it needs in its path. */
export class NoFieldsDto {}

const CURSOR = {
  description: 'nextCursor of the page before; valid for the same question only.',
  example: '4711.Zk9yX2V4YW1wbGVfb25seV9ub3RfYV9yZWFsX2N1cnNvcg',
  optional: true,
} as const;

export class RunPathDto {
  @IdField({ description: 'Payout run.', example: 'monthly-2026-11-01' })
  id!: string;
}

export class RunsQueryDto {
  @LimitField({ description: 'Runs a page. Default 50.', example: 50, optional: true })
  limit?: string;

  @OpaqueField(CURSOR)
  cursor?: string;
}

export class RunQueryDto {
  @LimitField({
    description: 'Items a page. Default 50. A CSV has all of them.',
    example: 50,
    optional: true,
  })
  limit?: string;

  @OpaqueField(CURSOR)
  cursor?: string;

  @OneOfField(['json', 'csv'], {
    description: 'Default: json, or csv when the header Accept asks for text/csv.',
    example: 'json',
    optional: true,
  })
  format?: string;
}

export class TransfersQueryDto {
  @OneOfField([...TRANSFER_STATES, 'conflict'], {
    description: 'Only transfers in this state; conflict: those on which provider and log do not agree.',
    example: 'conflict',
    optional: true,
  })
  state?: string;

  @IdField({ description: 'Only transfers to this creator.', example: 'c-7', optional: true })
  creatorId?: string;

  @LimitField({ description: 'Transfers a page. Default 50.', example: 50, optional: true })
  limit?: string;

  @OpaqueField(CURSOR)
  cursor?: string;
}
