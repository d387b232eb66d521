import { CreditsField, IdField } from '../validation/fields.js';
import type { RawCredits } from './charge-prompt.dto.js';

export class UnlockFlowDto {
  @IdField({ description: 'User who unlocks the flow and pays.', example: 'u-1' })
  userId!: string;

  @IdField({ description: 'Flow to unlock, once per user.', example: 'flow-3' })
  flowId!: string;

  @IdField({ description: 'Creator of the flow (a user id), who earns 80 % of the price.', example: 'c-7' })
  creatorId!: string;

  @CreditsField({
    description: 'Price in credits (1,000,000 credits = $1.00), 1 or more.',
    example: '250000',
    min: 1,
  })
  price!: RawCredits;
}
