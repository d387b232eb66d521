import { THREE_PART_V1 } from '#libs/ledger/pricing/three-part-v1.js';
import { RunDto } from '../commands/charge-prompt.dto.js';
import { IdField, OneOfField } from '../validation/fields.js';

/** Policies a quote may ask for. */
export const OFFERED_POLICIES: readonly string[] = [THREE_PART_V1.id];

export class CalculateCostDto extends RunDto {
  @IdField({
    description: 'User who would pay; a creator running their own prompt pays no creator fee.',
    example: 'u-1',
    optional: true,
  })
  userId?: string;

  @OneOfField(OFFERED_POLICIES, {
    description: 'Pricing policy. Default: the one in force.',
    example: THREE_PART_V1.id,
    optional: true,
  })
  policy?: string;
}
