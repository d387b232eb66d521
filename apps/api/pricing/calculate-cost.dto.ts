import { POLICY_IDS } from '#libs/ledger/pricing/policies.js';
import { RunDto } from '../commands/charge-prompt.dto.js';
import { IdField, OneOfField } from '../validation/fields.js';

export class CalculateCostDto extends RunDto {
  @IdField({
    description:
      'User who would pay; a creator running their own prompt pays no creator fee. The quote is then good for this ' +
      'user alone.',
    example: 'u-1',
    optional: true,
  })
  userId?: string;

  @OneOfField(POLICY_IDS, {
    description:
      'Pricing policy. Default: the one in force. Another one is priced for comparison, without a quote.',
    example: 'three-part-v1',
    optional: true,
  })
  policy?: string;
}
