import { ApiProperty } from '@nestjs/swagger';
import { PLAN_NAMES } from '#libs/ledger/plans/plan-table.js';
import { FREEZE_REASONS, LOT_KINDS, LOT_ORIGINS, REVOKE_REASONS } from '#libs/ledger/wallet/vocabulary.js';
import { CommandReply, LotReply } from './replies.js';
import { Credits, OptionalText, Text } from './reply-fields.js';

export class OpenWalletReply extends CommandReply {
  @Text('User who has the wallet now.', 'u-1')
  userId!: string;

  @ApiProperty({ enum: PLAN_NAMES, description: 'Plan of the wallet.', example: 'PRO' })
  plan!: string;
}

export class FreezeWalletReply extends CommandReply {
  @Text('User whose wallet is frozen.', 'u-1')
  userId!: string;

  @ApiProperty({ enum: ['frozen'], description: 'State of the wallet.', example: 'frozen' })
  status!: string;

  @ApiProperty({ enum: FREEZE_REASONS, description: 'Why.', example: 'dispute' })
  reason!: string;

  @OptionalText("The caller's own reference.", 'case-7')
  reference?: string;
}

export class UnfreezeWalletReply extends CommandReply {
  @Text('User whose wallet is open again.', 'u-1')
  userId!: string;

  @ApiProperty({ enum: ['open'], description: 'State of the wallet.', example: 'open' })
  status!: string;
}

export class CloseWalletReply extends CommandReply {
  @Text('User whose wallet is closed.', 'u-1')
  userId!: string;

  @ApiProperty({ enum: ['closed'], description: 'State of the wallet.', example: 'closed' })
  status!: string;

  @Credits('Purchased credits that were left and are to be paid back.', '5000000')
  paidBack!: string;

  @Credits('Credits that expired with the wallet, those that time had made due included.', '100000')
  expired!: string;
}

export class SetThresholdsReply extends CommandReply {
  @Text('User who is told.', 'u-1')
  userId!: string;

  @ApiProperty({
    type: [String],
    description: 'The thresholds from now on, largest first. In credits.',
    example: ['1000000', '100000'],
  })
  thresholds!: string[];
}

export class AddCreditsReply extends CommandReply {
  @ApiProperty({ type: LotReply, description: 'The lot that was added.' })
  lot!: LotReply;
}

export class RevokedLotReply {
  @Text('Lot id.', 'lot-5f0c1a2b3c4d5e6f')
  id!: string;

  @ApiProperty({ enum: LOT_KINDS, description: 'Its kind.', example: 'purchased' })
  kind!: string;

  @ApiProperty({ enum: LOT_ORIGINS, description: 'Where its credits came from.', example: 'purchased' })
  origin!: string;

  @Credits('What was left and was taken, or comes back.', '4000000')
  amount!: string;

  @Credits('What was spent already, and so is uncollected, or no longer is.', '900000')
  spent!: string;

  @Credits('What had lapsed before.', '100000')
  expired!: string;
}

export class RevokeCreditsReply extends CommandReply {
  @ApiProperty({ enum: REVOKE_REASONS, description: 'Why.', example: 'chargeback' })
  reason!: string;

  @OptionalText('Payment that was revoked.', 'pay-2026-001')
  reference?: string;

  @Credits('Credits taken from the wallet.', '4000000')
  revoked!: string;

  @Credits('Credits that were spent already: nobody has paid for them now.', '900000')
  uncollected!: string;

  @ApiProperty({ type: [RevokedLotReply], description: 'Of each lot of the payment, or of adjustments.' })
  lots!: RevokedLotReply[];

  @ApiProperty({
    type: [String],
    description: 'Holds that were released because what they had reserved was needed.',
    example: ['hold-42'],
  })
  releasedHolds!: string[];
}

export class ReinstateCreditsReply extends CommandReply {
  @Text('Payment whose revocation was undone.', 'pay-2026-001')
  reference!: string;

  @Credits('Credits that are back in the wallet.', '4000000')
  reinstated!: string;

  @ApiProperty({ type: [RevokedLotReply], description: 'Of each lot of the payment.' })
  lots!: RevokedLotReply[];
}
