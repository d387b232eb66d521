import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { PLAN_NAMES } from '#libs/ledger/plans/plan-table.js';
import {
  FREEZE_REASONS,
  LOT_KINDS,
  LOT_ORIGINS,
  PLAN_COVERAGES,
  RUN_PURPOSES,
} from '#libs/ledger/wallet/vocabulary.js';
import { TRANSACTION_TYPES } from '#projections/transactions/rows.js';
import { PositionReply } from './read-replies.js';
import { AsOfReply, LotReply, RateCardReply, WalletBalanceReply } from './replies.js';
import { Credits, OptionalCredits, OptionalText, OptionalTime, Text, Time } from './reply-fields.js';

const WALLET_STATUSES = ['open', 'frozen', 'closed'];
const Status = (): PropertyDecorator =>
  ApiProperty({ enum: WALLET_STATUSES, description: 'State of the wallet.', example: 'open' });

export class WalletNowReply extends WalletBalanceReply {
  @Status()
  status!: string;

  @ApiPropertyOptional({
    enum: FREEZE_REASONS,
    description: 'Why it is frozen; present while it is.',
    example: 'review',
  })
  frozenFor?: string;

  @ApiProperty({
    type: [String],
    description: 'Amounts of which a notice says that available has fallen below them. In credits.',
    example: ['1000000'],
  })
  thresholds!: string[];
}

export class CostBasisReply {
  @Text('ISO 4217.', 'USD')
  currency!: string;

  @Text('Minor units paid, net of tax.', '1000')
  minorUnits!: string;

  @Text("The provider's fee, in minor units.", '59')
  providerFeeMinorUnits!: string;
}

/** `original + refunded + reinstated = drawn + expired + revoked + remaining`. */
export class LotStatementReply extends LotReply {
  @Credits('Spent; refunds are not taken off.', '61000')
  drawn!: string;

  @Credits('Came back to this lot.', '0')
  refunded!: string;

  @Credits('Came back to a refund lot, because this one had lapsed.', '0')
  refundedElsewhere!: string;

  @Credits('Refunded while the lot was revoked: it lowered what is uncollected.', '0')
  refundedUnrestored!: string;

  @Credits('Lapsed.', '0')
  expired!: string;

  @Credits('Taken back by a chargeback, a correction or the closing of the wallet.', '0')
  revoked!: string;

  @Credits('Given back after a dispute was won.', '0')
  reinstated!: string;

  @Time('When it came in.')
  addedAt!: string;

  @ApiPropertyOptional({ type: CostBasisReply, description: 'What the purchase was paid with.' })
  costBasis?: CostBasisReply;
}

export class LotsReply {
  @Text('User.', 'u-1')
  userId!: string;

  @ApiProperty({ type: [LotStatementReply], description: 'The newest first.' })
  items!: LotStatementReply[];

  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'cursor of the next page; null on the last one.',
    example: null,
  })
  nextCursor!: string | null;

  @ApiProperty({
    type: PositionReply,
    description: 'What the answer is true for: as recorded, without what time has made due since.',
  })
  asOf!: PositionReply;
}

export class LotMovementReply {
  @Text('Id of the event, as in the transactions.', '5f0c1a2b-3c4d-8e6f-a012-3456789abcde')
  id!: string;

  @ApiProperty({ enum: TRANSACTION_TYPES, description: 'What happened.', example: 'prompt_charge' })
  type!: string;

  @Credits('What the lot gained, or lost with a minus.', '-61000')
  amount!: string;

  @Time('When it happened.')
  occurredAt!: string;

  @Text('Position in the log.', 'a1b2c3d4-42')
  position!: string;

  @OptionalText("Run id, flow id, payment id or the caller's own reference.", 'run-42')
  reference?: string;
}

export class LotMovementsReply {
  @Text('User.', 'u-1')
  userId!: string;

  @ApiProperty({ type: LotStatementReply, description: 'The lot.' })
  lot!: LotStatementReply;

  @ApiProperty({ type: [LotMovementReply], description: 'The oldest first; their sum is remaining.' })
  items!: LotMovementReply[];

  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'cursor of the next page, also when this one is short or empty; null on the last one.',
    example: null,
  })
  nextCursor!: string | null;

  @ApiProperty({ type: PositionReply, description: 'What the answer is true for.' })
  asOf!: PositionReply;
}

export class ReservedPartReply {
  @Text('Lot.', 'lot-5f0c1a2b3c4d5e6f')
  lotId!: string;

  @ApiProperty({ enum: LOT_KINDS, description: 'Its kind.', example: 'purchased' })
  kind!: string;

  @ApiPropertyOptional({
    enum: LOT_ORIGINS,
    description: 'Where its credits came from.',
    example: 'purchased',
  })
  origin?: string;

  @Credits('Reserved of it.', '61000')
  amount!: string;
}

export class HoldReply {
  @Text('Hold.', 'hold-42')
  holdId!: string;

  @Text('Run that it authorises.', 'run-42')
  runId!: string;

  @Text('Model, as requested.', 'gpt-4')
  model!: string;

  @ApiProperty({ enum: RUN_PURPOSES, description: 'What the run is for.', example: 'run' })
  purpose!: string;

  @ApiProperty({ type: 'boolean', description: "On the user's own provider key.", example: false })
  byok!: boolean;

  @OptionalText('Creator of the prompt.', 'c-7')
  creatorId?: string;

  @Credits('Highest creator fee that settling may ask for.', '1000')
  creatorFee!: string;

  @Credits('The whole estimate, creator fee included.', '61000')
  amount!: string;

  @Credits("Part of it that an unlimited plan's allowance covers.", '0')
  allowance!: string;

  @ApiProperty({ type: [ReservedPartReply], description: 'Reserved in lots, in burn order.' })
  reserved!: ReservedPartReply[];

  @Text('Pricing policy that the run will be charged by.', 'three-part-v1')
  policy!: string;

  @ApiProperty({ type: RateCardReply, description: 'Rate card that it will be charged by.' })
  rateCard!: RateCardReply;

  @Time('When it was made.')
  heldAt!: string;

  @Time('When it times out.')
  expiresAt!: string;
}

export class HoldsReply {
  @Text('User.', 'u-1')
  userId!: string;

  @ApiProperty({ type: [HoldReply], description: 'Open holds, the newest first.' })
  items!: HoldReply[];

  @ApiProperty({ type: AsOfReply, description: 'What the answer is true for.' })
  asOf!: AsOfReply;
}

export class LimitedReply {
  @ApiProperty({ enum: ['limited'], description: 'There is a limit.', example: 'limited' })
  kind!: 'limited';

  @ApiProperty({ type: 'integer', description: 'The most that is allowed.', example: 3 })
  max!: number;
}

export class NotLimitedReply {
  @ApiProperty({
    enum: ['unlimited', 'custom'],
    description: 'custom is agreed outside the ledger.',
    example: 'unlimited',
  })
  kind!: 'unlimited' | 'custom';
}

@ApiExtraModels(LimitedReply, NotLimitedReply)
export class LimitUseReply {
  @ApiProperty({
    oneOf: [{ $ref: getSchemaPath(LimitedReply) }, { $ref: getSchemaPath(NotLimitedReply) }],
    description: 'What the plan allows.',
  })
  allowed!: LimitedReply | NotLimitedReply;

  @ApiProperty({ type: 'integer', description: 'What is used.', example: 2 })
  used!: number;

  @ApiPropertyOptional({
    type: 'integer',
    description:
      'What is left: 0 also when a downgrade has left more than is allowed. Absent where nothing limits.',
    example: 1,
  })
  remaining?: number;

  @OptionalTime('When used begins anew; absent for what does not reset.', '2026-12-01T00:00:00.000Z')
  resetsAt?: string;
}

export class GrantedCreditsReply {
  @ApiProperty({ enum: ['granted'], description: 'Credits are granted as a lot.', example: 'granted' })
  kind!: 'granted';

  @Credits('Granted each month.', '15000000')
  credits!: string;
}

export class UnlimitedCreditsReply {
  @ApiProperty({ enum: ['unlimited'], description: 'An allowance pays.', example: 'unlimited' })
  kind!: 'unlimited';

  @OptionalCredits('Fair-use limit of a period, if the plan has one.', '500000000')
  fairUse?: string;
}

@ApiExtraModels(GrantedCreditsReply, UnlimitedCreditsReply)
export class MonthlyUseReply {
  @ApiProperty({
    oneOf: [{ $ref: getSchemaPath(GrantedCreditsReply) }, { $ref: getSchemaPath(UnlimitedCreditsReply) }],
    description: 'What the plan gives each month.',
  })
  allowed!: GrantedCreditsReply | UnlimitedCreditsReply;

  @Credits('Used this month, held included.', '61000')
  used!: string;

  @OptionalCredits('What is left of it; absent on an unlimited plan.', '14939000')
  remaining?: string;

  @Time('When the next month begins.', '2026-12-01T00:00:00.000Z')
  resetsAt!: string;
}

export class ScheduledPlanReply {
  @ApiProperty({ enum: PLAN_NAMES, description: 'Plan to come.', example: 'FREE' })
  plan!: string;

  @Time('When it comes into force.', '2026-12-01T00:00:00.000Z')
  effectiveAt!: string;
}

export class PlanTableInForceReply {
  @Text('Plan table in force.', 'standard')
  id!: string;

  @ApiProperty({ type: 'integer', description: 'Its version.', example: 1 })
  version!: number;
}

export class EntitlementsReply {
  @Text('User.', 'u-1')
  userId!: string;

  @ApiProperty({ enum: PLAN_NAMES, description: 'Plan of the wallet.', example: 'PRO' })
  plan!: string;

  @Status()
  status!: string;

  @ApiProperty({
    enum: PLAN_COVERAGES,
    description: 'Why the plan runs: it costs nothing, a payment covers it, or it was granted.',
    example: 'paid',
  })
  coverage!: string;

  @OptionalTime('When what is paid ends; absent when no payment runs.', '2026-12-01T00:00:00.000Z')
  paidUntil?: string;

  @ApiPropertyOptional({ type: ScheduledPlanReply, description: 'A downgrade to come.' })
  scheduled?: ScheduledPlanReply;

  @ApiProperty({ type: PlanTableInForceReply, description: 'Where the limits come from.' })
  planTable!: PlanTableInForceReply;

  @ApiProperty({ type: LimitUseReply, description: 'Private prompts.' })
  privatePrompts!: LimitUseReply;

  @ApiProperty({ type: LimitUseReply, description: 'Runs with purpose test, a month.' })
  testRuns!: LimitUseReply;

  @ApiProperty({ type: LimitUseReply, description: 'Bytes of all prompts.' })
  storageBytes!: LimitUseReply;

  @ApiProperty({ type: [String], description: 'Models that may be requested.', example: ['gpt-3.5-turbo'] })
  models!: string[];

  @ApiProperty({ type: 'boolean', description: "The customer's own models may be used too.", example: false })
  privateModels!: boolean;

  @ApiProperty({ type: 'boolean', description: "Runs on the user's own provider key.", example: true })
  byok!: boolean;

  @ApiProperty({ type: MonthlyUseReply, description: 'Credits of the month.' })
  monthlyCredits!: MonthlyUseReply;

  @ApiProperty({ type: AsOfReply, description: 'What the answer is true for.' })
  asOf!: AsOfReply;
}
