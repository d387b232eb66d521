import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { TRANSACTION_TYPES } from '#projections/transactions/rows.js';
import { Credits, OptionalCredits, OptionalText, OptionalTime, Text, Time } from './reply-fields.js';

export class PositionReply {
  @Text('Log position the answer shows.', 'a1b2c3d4-42')
  position!: string;
}

export class TransactionReply {
  @Text('Id of the event.', '5f0c1a2b-3c4d-8e6f-a012-3456789abcde')
  id!: string;

  @ApiProperty({ enum: TRANSACTION_TYPES, description: 'What happened.', example: 'prompt_charge' })
  type!: string;

  @Credits('What the lots gained, or lost with a minus.', '-61000')
  amount!: string;

  @Credits('In the lots right after, held or not: each follows from the one before.', '14939000')
  balanceAfter!: string;

  @Credits('The same without what holds have reserved.', '14939000')
  availableAfter!: string;

  @Time('When it happened.')
  occurredAt!: string;

  @Text('One line for a statement.', 'Run run-42 on gpt-4')
  description!: string;

  @Text('Position in the log.', 'a1b2c3d4-42')
  position!: string;

  @OptionalText("Run id, flow id, payment id or the caller's own reference.", 'run-42')
  reference?: string;

  @OptionalText('Why credits were given, refunded or taken back.', 'welcome')
  reason?: string;

  @OptionalText('Lot that came in, lapsed or was taken back.', 'lot-5f0c1a2b3c4d5e6f')
  lotId?: string;

  @OptionalText('Its kind.', 'purchased')
  lotKind?: string;

  @OptionalText('Model of a run, as requested.', 'gpt-4')
  model?: string;

  @OptionalText('Who earned the fee.', 'c-7')
  creatorId?: string;

  @OptionalText('Plan that a subscription pays for.', 'PRO')
  plan?: string;

  @OptionalText('Hold that a charge settled.', 'hold-42')
  holdId?: string;

  @OptionalText('Refund.', 'refund-42')
  refundId?: string;

  @OptionalCredits('What nobody paid, added to what is uncollected; with a minus what is owed no more.', '0')
  uncollected?: string;

  @OptionalCredits("Part of a charge that an unlimited plan's allowance covered.", '0')
  allowance?: string;

  @OptionalCredits('Inference of a charge, or what was refunded of it; so for the next three.', '60000')
  inferenceCost?: string;

  @OptionalCredits('Platform markup of a charge.', '0')
  platformMarkup?: string;

  @OptionalCredits('BYOK fee of a charge.', '0')
  byokFee?: string;

  @OptionalCredits('Creator fee of a charge.', '1000')
  creatorFee?: string;

  @OptionalCredits(
    'Price of a flow, or of the plan that a subscription paid: money, not credits of the wallet.',
    '250000',
  )
  price?: string;
}

export class TransactionsReply {
  @ApiProperty({ type: [TransactionReply], description: 'The newest first.' })
  items!: TransactionReply[];

  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'cursor of the next page; null on the last one.',
    example: null,
  })
  nextCursor!: string | null;

  @ApiProperty({ type: PositionReply, description: 'What the answer is true for.' })
  asOf!: PositionReply;
}

export class UnlockedFlowReply {
  @Text('Flow.', 'flow-3')
  flowId!: string;

  @Text('Its creator.', 'c-7')
  creatorId!: string;

  @Credits('What was paid.', '250000')
  price!: string;

  @Credits('80 % of it, to the creator.', '200000')
  creatorShare!: string;

  @Credits('20 % of it, to the platform.', '50000')
  platformShare!: string;

  @Time('When it was unlocked.')
  unlockedAt!: string;
}

export class UnlockedFlowsReply {
  @Text('User.', 'u-1')
  userId!: string;

  @ApiProperty({ type: [UnlockedFlowReply], description: 'Every flow the user has unlocked.' })
  items!: UnlockedFlowReply[];

  @ApiProperty({ type: PositionReply, description: 'What the answer is true for.' })
  asOf!: PositionReply;
}

export class AccountReply {
  @Text('Account.', 'revenue:inference')
  account!: string;

  @Credits('Credits positive, debits negative.', '60000')
  balance!: string;
}

export class TrialBalanceReply {
  @Text('Log position at which the books were read.', 'a1b2c3d4-42')
  position!: string;

  @ApiProperty({ type: [AccountReply], description: 'Every account that was ever posted to.' })
  accounts!: AccountReply[];

  @Credits('Sum over all accounts: always 0.', '0')
  total!: string;
}

export class ModelReply {
  @Text('Name to request.', 'gpt-4')
  model!: string;

  @OptionalText('Model on the card whose rates it has.', 'claude-3-opus')
  aliasOf?: string;

  @Credits('Rate of 1,000,000 input tokens.', '30000000')
  input!: string;

  @Credits('Rate of 1,000,000 output tokens.', '60000000')
  output!: string;

  @Credits('Rate of 1,000,000 tokens read from the cache.', '30000000')
  cachedInput!: string;

  @Credits('Rate of 1,000,000 tokens written to the cache.', '30000000')
  cacheWrite!: string;
}

export class RateCardInForceReply {
  @Text('Rate card.', 'standard')
  id!: string;

  @ApiProperty({ type: 'integer', description: 'Its version.', example: 1 })
  version!: number;

  @Time('Since when it is in force.', '1970-01-01T00:00:00.000Z')
  effectiveFrom!: string;
}

export class ModelsReply {
  @ApiProperty({ type: RateCardInForceReply, description: 'Where the rates come from.' })
  rateCard!: RateCardInForceReply;

  @Text('Pricing policy in force.', 'three-part-v1')
  policy!: string;

  @ApiProperty({ type: [ModelReply], description: 'Every model that has a price, by name.' })
  models!: ModelReply[];
}

export class LiveReply {
  @Text('alive as long as the process answers.', 'alive')
  status!: string;
}

export class ViewLagReply {
  @Text('Read model.', 'balances')
  name!: string;

  @Text('Position it has reached.', 'a1b2c3d4-42')
  position!: string;

  @ApiProperty({
    type: 'string',
    description:
      'How far it is behind the head, in positions of the log: 0 when it shows everything. On EventStoreDB positions are places in a file, so this is no number of events.',
    example: '0',
  })
  behind!: string;

  @ApiProperty({ type: 'integer', description: 'Events of the log that it shows.', example: 3_218 })
  events!: number;

  @Time('When the store recorded the event at that position.')
  recordedAt!: string;
}

export class ReadyReply {
  @ApiProperty({ enum: ['ready', 'not_ready'], description: 'not_ready comes with 503.', example: 'ready' })
  status!: string;

  @ApiProperty({ type: 'boolean', description: 'The event store answers.', example: true })
  store!: boolean;

  @ApiPropertyOptional({
    type: 'integer',
    description: 'Process clock minus store clock, in milliseconds; at most 2,000 either way.',
    example: 1,
  })
  clockSkewMs?: number;

  @OptionalText('Head of the log.', 'a1b2c3d4-42')
  head?: string;

  @ApiProperty({ type: [ViewLagReply], description: 'How far each read model is.' })
  views!: ViewLagReply[];

  @ApiProperty({
    type: [String],
    description: 'What an operator should know.',
    example: ['No authentication yet: the server listens on a loopback address only.'],
  })
  notes!: string[];

  @ApiProperty({ type: [String], description: 'Why it is not ready.', example: [] })
  problems!: string[];

  @OptionalTime('Store clock.')
  storeTime?: string;
}
