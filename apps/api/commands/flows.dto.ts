import { REFUND_REASONS, type RefundReason } from '#libs/ledger/wallet/vocabulary.js';
import { CreditsField, IdField, OneOfField } from '../validation/fields.js';
import type { RawCredits } from './to-command.js';

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

export class RefundFlowDto {
  @IdField({ description: 'User who unlocked the flow.', example: 'u-1' })
  userId!: string;

  @IdField({ description: 'Flow whose price is given back.', example: 'flow-3' })
  flowId!: string;

  @IdField({ description: 'Refund id, unique in the wallet, runs and flows together.', example: 'refund-7' })
  refundId!: string;

  @OneOfField(REFUND_REASONS, { description: 'Why, a code.', example: 'quality' })
  reason!: RefundReason;
}
