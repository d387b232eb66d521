import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PLAN_NAMES } from '#libs/ledger/plans/plan-table.js';
import { LOT_KINDS, LOT_ORIGINS } from '#libs/ledger/wallet/vocabulary.js';

import { Credits, OptionalText, OptionalTime, Text, Time } from './reply-fields.js';

export class UnlimitedReply {
  @Credits("What the plan's allowance covered this period.", '1200')
  used!: string;

  @ApiPropertyOptional({
    type: 'string',
    description: 'Fair-use limit of a period, if the plan has one. In credits.',
    example: '500000000',
  })
  fairUse?: string;
}

export class BalanceReply {
  @Credits('What can be spent now.', '15000000')
  available!: string;

  @Credits('Reserved by open holds.', '0')
  held!: string;

  @Credits('Of monthly lots.', '15000000')
  monthly!: string;

  @Credits('Of promotional lots and adjustments.', '0')
  promo!: string;

  @Credits('Of refunded lots.', '0')
  refund!: string;

  @Credits('Of purchased lots.', '0')
  purchased!: string;

  @ApiPropertyOptional({
    type: UnlimitedReply,
    description: 'Present on an unlimited plan, whose allowance is not counted in available.',
  })
  unlimited?: UnlimitedReply;
}

export class RateCardReply {
  @Text('Rate card that gave the rates.', 'standard')
  id!: string;

  @ApiProperty({ type: 'integer', description: 'Its version.', example: 1 })
  version!: number;
}

export class CostReply {
  @Credits('Inference at the rate card, rounded up once for the run.', '60000')
  inferenceCost!: string;

  @Credits('Creator fee after the own-prompt rule.', '1000')
  creatorFee!: string;

  @Credits('80 % of the fee, to the creator.', '800')
  creatorShare!: string;

  @Credits('20 % of the fee, to the platform.', '200')
  platformShare!: string;

  @Credits('Platform markup; 0 with a creator fee.', '0')
  platformMarkup!: string;

  @Credits("Fee for a run on the user's own provider key.", '0')
  byokFee!: string;

  @Credits('inferenceCost + creatorFee + platformMarkup + byokFee.', '61000')
  total!: string;

  @Text('The total in US dollars, every digit that matters.', '$0.061')
  usd!: string;

  @Text('Pricing policy.', 'three-part-v1')
  policy!: string;

  @ApiProperty({ type: RateCardReply, description: 'Rate card and version.' })
  rateCard!: RateCardReply;
}

export class LotReply {
  @Text('Lot id, unique in the wallet.', 'lot-5f0c1a2b3c4d5e6f')
  id!: string;

  @ApiProperty({ enum: LOT_KINDS, description: 'Decides the burn order.', example: 'purchased' })
  kind!: string;

  @ApiProperty({ enum: LOT_ORIGINS, description: 'Where its credits came from.', example: 'purchased' })
  origin!: string;

  @Credits('What came in.', '5000000')
  original!: string;

  @Credits('What is left.', '5000000')
  remaining!: string;

  @Credits('Reserved by open holds.', '0')
  reserved!: string;

  @OptionalTime('When what is left lapses; absent: never.')
  expiresAt?: string;

  @OptionalText('Payment that bought it.', 'pay-2026-001')
  paymentId?: string;
}

export class CommandReply {
  @ApiProperty({
    type: [String],
    description: 'Events the command wrote, those that time had made due included.',
    example: ['5f0c1a2b-3c4d-8e6f-a012-3456789abcde'],
  })
  eventIds!: string[];

  @Text('Position of the last event: a read with it as minPosition sees the effect.', 'a1b2c3d4-42')
  position!: string;

  @ApiProperty({
    type: 'boolean',
    description: 'True when the key had taken effect before: this is that first result.',
    example: false,
  })
  replayed!: boolean;

  @ApiProperty({ type: BalanceReply, description: 'Balance of the wallet right after the command.' })
  balanceAfter!: BalanceReply;
}

export class AsOfReply {
  @Text('Log position the answer shows.', 'a1b2c3d4-42')
  position!: string;

  @Time('Time the answer is true for: what was due by then is counted.')
  time!: string;
}

export class WalletBalanceReply extends BalanceReply {
  @Text('User.', 'u-1')
  userId!: string;

  @ApiProperty({ enum: PLAN_NAMES, description: 'Plan of the wallet.', example: 'PRO' })
  plan!: string;

  @Credits('What settled runs and revoked payments left unpaid; shown, never taken from later credits.', '0')
  uncollected!: string;

  @ApiProperty({ type: [LotReply], description: 'Lots with something left, in burn order.' })
  lots!: LotReply[];

  @ApiProperty({ type: AsOfReply, description: 'What the answer is true for.' })
  asOf!: AsOfReply;
}
