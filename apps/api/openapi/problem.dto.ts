import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PROBLEMS } from '../problem/codes.js';

export class FieldErrorDto {
  @ApiProperty({
    type: 'string',
    description: 'Field, header or `body` that was refused.',
    example: 'amount',
  })
  field!: string;

  @ApiProperty({ type: 'string', description: 'What was expected.', example: 'must be 1 or more' })
  message!: string;
}

export class ProblemDto {
  @ApiProperty({
    type: 'string',
    description: 'Names the kind of problem (RFC 9457).',
    example: 'urn:promptflow-ledger:problem:request.invalid',
  })
  type!: string;

  @ApiProperty({ type: 'string', description: 'The kind in words.', example: 'The request is not valid' })
  title!: string;

  @ApiProperty({ type: 'integer', description: 'HTTP status.', example: 400 })
  status!: number;

  @ApiProperty({
    type: 'string',
    enum: Object.keys(PROBLEMS),
    description: 'Stable code to branch on.',
    example: 'request.invalid',
  })
  code!: string;

  @ApiProperty({
    type: 'string',
    description: 'This occurrence in words.',
    example: 'amount: must be 1 or more',
  })
  detail!: string;

  @ApiPropertyOptional({ type: [FieldErrorDto], description: 'With request.invalid: every field refused.' })
  errors?: FieldErrorDto[];

  @ApiPropertyOptional({
    type: 'string',
    description: 'With wallet.insufficient_credits: credits the command needed.',
    example: '61000',
  })
  needed?: string;

  @ApiPropertyOptional({
    type: 'string',
    description: 'With wallet.insufficient_credits: credits that were available.',
    example: '500',
  })
  available?: string;

  @ApiPropertyOptional({
    type: 'string',
    description: 'With refund.exceeds_charge: credits of the charge that are left to refund.',
    example: '12000',
  })
  remaining?: string;

  @ApiPropertyOptional({
    type: 'string',
    description: 'With payout.below_minimum: credits of the smallest payout.',
    example: '10000000',
  })
  minimum?: string;

  @ApiPropertyOptional({
    type: 'string',
    description:
      'With payout.below_minimum and payout.nothing_payable: credits that are payable; less than 0 after reversals.',
    example: '2500000',
  })
  payable?: string;

  @ApiPropertyOptional({
    type: 'string',
    description: 'With model.unpriced and plan.model_not_included: the model as requested.',
    example: 'gpt-4-32k',
  })
  model?: string;

  @ApiPropertyOptional({
    type: 'integer',
    description: 'With bulk.not_applied: index of the charge that was refused.',
    example: 3,
  })
  refusedIndex?: number;

  @ApiPropertyOptional({
    type: 'string',
    description: 'With internal.error: finds the log line.',
    example: '1f0c1a2b-3c4d-4e6f-a012-3456789abcde',
  })
  correlationId?: string;
}
