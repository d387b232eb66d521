import { ApiProperty } from '@nestjs/swagger';
import {
  LOT_KINDS,
  LOT_ORIGINS,
  REFUND_REASONS,
  RESTORED_INTO,
  RUN_PURPOSES,
} from '#libs/ledger/wallet/vocabulary.js';
import { CommandReply, CostReply, RateCardReply } from './replies.js';
import { Credits, OptionalCredits, OptionalText, OptionalTime, Text, Time } from './reply-fields.js';

export class ChargePromptReply extends CommandReply {
  @Text('Run that was charged.', 'run-42')
  runId!: string;

  @OptionalText('Hold that the charge has settled.', 'hold-42')
  holdId?: string;

  @OptionalCredits('With holdId: what nothing was left to pay for; the run is charged all the same.', '0')
  uncollected?: string;

  @ApiProperty({ type: CostReply, description: 'Every component of the price.' })
  cost!: CostReply;
}

export class AuthoriseRunReply extends CommandReply {
  @Text('The hold.', 'hold-42')
  holdId!: string;

  @Text('Run that may be charged.', 'run-42')
  runId!: string;

  @Text('Model as requested.', 'gpt-4')
  model!: string;

  @ApiProperty({ enum: RUN_PURPOSES, description: 'Why it is run.', example: 'run' })
  purpose!: string;

  @Credits('The whole estimate, creator fee included.', '80000')
  amount!: string;

  @Credits('Reserved in lots.', '80000')
  reserved!: string;

  @Credits("Set aside from an unlimited plan's allowance.", '0')
  allowance!: string;

  @Credits('Creator fee after the own-prompt rule: a settle may ask for less, not for more.', '1000')
  creatorFee!: string;

  @Text('Pricing policy of the settle.', 'three-part-v1')
  policy!: string;

  @ApiProperty({ type: RateCardReply, description: 'Rate card of the settle.' })
  rateCard!: RateCardReply;

  @Time('When the hold releases itself.')
  expiresAt!: string;
}

export class ReleaseHoldReply extends CommandReply {
  @Text('Hold that was released.', 'hold-42')
  holdId!: string;

  @Text('Its run.', 'run-42')
  runId!: string;

  @Credits('What it had reserved in lots.', '80000')
  released!: string;
}

export class RefundPartsReply {
  @Credits('Of the inference.', '60000')
  inferenceCost!: string;

  @Credits('Of the platform markup.', '0')
  platformMarkup!: string;

  @Credits('Of the BYOK fee.', '0')
  byokFee!: string;

  @Credits("Of the platform's share of the creator fee.", '200')
  platformShare!: string;

  @Credits("Of the creator's share, taken back from the creator.", '800')
  creatorShare!: string;
}

export class RestoredLotReply {
  @Text('Lot that had paid.', 'lot-5f0c1a2b3c4d5e6f')
  lotId!: string;

  @ApiProperty({ enum: LOT_KINDS, description: 'Its kind.', example: 'purchased' })
  kind!: string;

  @ApiProperty({ enum: LOT_ORIGINS, description: 'Where its credits came from.', example: 'purchased' })
  origin!: string;

  @Credits('What was given back.', '61000')
  amount!: string;

  @ApiProperty({
    enum: RESTORED_INTO,
    description: 'The lot itself, a refund lot because it has lapsed, or nowhere because it was revoked.',
    example: 'lot',
  })
  into!: string;

  @OptionalText('The refund lot.', 'refund-5f0c1a2b3c4d5e6f')
  refundLotId?: string;

  @OptionalTime('When the refund lot lapses; absent: never.')
  expiresAt?: string;
}

class RefundReply extends CommandReply {
  @Text('The refund.', 'refund-7')
  refundId!: string;

  @ApiProperty({ enum: REFUND_REASONS, description: 'Why.', example: 'quality' })
  reason!: string;

  @Credits('What was given back.', '61000')
  amount!: string;

  @ApiProperty({ type: [RestoredLotReply], description: 'Lots that were given back to, last drawn first.' })
  restored!: RestoredLotReply[];
}

export class RefundPromptReply extends RefundReply {
  @Text('Run that was charged.', 'run-42')
  runId!: string;

  @ApiProperty({ type: RefundPartsReply, description: 'The components the amount was taken from.' })
  parts!: RefundPartsReply;

  @Credits("Of the charge's own shortfall: no longer owed.", '0')
  uncollected!: string;

  @Credits("Given back to an unlimited plan's allowance.", '0')
  allowance!: string;
}

export class UnlockFlowReply extends CommandReply {
  @Text('Flow that was unlocked.', 'flow-3')
  flowId!: string;

  @Text('Creator of the flow.', 'c-7')
  creatorId!: string;

  @Credits('What the user paid.', '250000')
  price!: string;

  @Credits('80 % of the price, to the creator.', '200000')
  creatorShare!: string;

  @Credits('20 % of the price, to the platform.', '50000')
  platformShare!: string;
}

export class RefundFlowReply extends RefundReply {
  @Text('Flow whose price was given back; it cannot be unlocked again.', 'flow-3')
  flowId!: string;

  @Credits('Taken back from the creator.', '200000')
  creatorShare!: string;

  @Credits('Taken back from the platform.', '50000')
  platformShare!: string;
}
