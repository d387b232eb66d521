import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PAYOUT_STATES } from '#libs/ledger/creator/events.js';
import { PAYOUT_FAILURE_REASONS } from '#libs/ledger/creator/vocabulary.js';
import { AsOfReply } from '../openapi/replies.js';
import { PositionReply } from '../openapi/read-replies.js';
import { Credits, OptionalText, OptionalTime, Text, Time } from '../openapi/reply-fields.js';

const FAILED_FROM = PAYOUT_STATES.filter((state) => state !== 'failed');
const State = (): PropertyDecorator =>
  ApiProperty({ enum: PAYOUT_STATES, description: 'How far it is.', example: 'requested' });
const FailedFrom = (): PropertyDecorator =>
  ApiPropertyOptional({ enum: FAILED_FROM, description: 'The state it failed from.', example: 'sent' });
const Reason = (): PropertyDecorator =>
  ApiPropertyOptional({ enum: PAYOUT_FAILURE_REASONS, description: 'Why it failed.', example: 'returned' });

export class EarningsNowReply {
  @Credits('Shares of charges and unlocks, less those of refunds.', '25802803')
  earned!: string;

  @Credits('Within the holding period.', '803')
  accrued!: string;

  @Credits('Can be paid out; negative after refunds of what was paid out.', '5678')
  payable!: string;

  @Credits('Payouts requested or sent.', '12340000')
  inPayout!: string;

  @Credits('Payouts settled.', '13456322')
  paid!: string;

  @OptionalTime('When the next day’s earnings become payable.', '2026-11-28T00:00:00.000Z')
  nextMaturityAt?: string;
}

export class DestinationReply {
  @Text('Provider that pays out.', 'bank')
  provider!: string;

  @Text('The provider’s own id of the account.', 'acct-7')
  reference!: string;
}

export class EarningsReply extends EarningsNowReply {
  @Text('Creator.', 'c-7')
  creatorId!: string;

  @Credits('What refunds took back; earned is without it.', '0')
  reversed!: string;

  @ApiPropertyOptional({ type: DestinationReply, description: 'Where payouts go, once verified.' })
  destination?: DestinationReply;

  @ApiProperty({ type: 'integer', description: 'Runs that paid a fee.', example: 1 })
  promptSources!: number;

  @ApiProperty({ type: 'integer', description: 'Flows that were unlocked.', example: 0 })
  flowSources!: number;

  @ApiProperty({ type: AsOfReply, description: 'What the answer is true for.' })
  asOf!: AsOfReply;
}

/** As `CommandReply`; a creator has earnings where a wallet has a balance. */
class CreatorCommandReply {
  @ApiProperty({
    type: [String],
    description: 'Events the command wrote.',
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

  @Text('Creator.', 'c-7')
  creatorId!: string;
}

export class PayoutReply {
  @Text('Payout.', 'payout-2026-11')
  payoutId!: string;

  @Credits('Whole cents.', '12340000')
  amount!: string;

  @State()
  state!: string;

  @Time('When it came into this state.')
  at!: string;

  @OptionalText('Provider that pays out; told when it is requested.', 'bank')
  provider?: string;

  @OptionalText('The provider’s own id of the account; told when it is requested.', 'acct-7')
  destination?: string;

  @OptionalText('The provider’s id of the transfer.', 'tr-5f0c1a2b')
  reference?: string;

  @FailedFrom()
  failedFrom?: string;

  @Reason()
  reason?: string;
}

export class PayoutCommandReply extends CreatorCommandReply {
  @ApiProperty({ type: PayoutReply, description: 'The payout right after the command.' })
  payout!: PayoutReply;

  @ApiProperty({ type: EarningsNowReply, description: 'The creator’s earnings right after the command.' })
  earnings!: EarningsNowReply;
}

export class PayoutDestinationReply extends CreatorCommandReply {
  @ApiProperty({ type: DestinationReply, description: 'Where payouts go from now on.' })
  destination!: DestinationReply;
}

export class ListedPayoutReply {
  @Text('Payout.', 'payout-2026-11')
  payoutId!: string;

  @Credits('Whole cents.', '12340000')
  amount!: string;

  @State()
  state!: string;

  @Text('Provider that pays out.', 'bank')
  provider!: string;

  @Text('The provider’s own id of the account.', 'acct-7')
  destination!: string;

  @Time('When it was requested.')
  requestedAt!: string;

  @OptionalTime('When it was sent.')
  sentAt?: string;

  @OptionalTime('When it was settled.')
  settledAt?: string;

  @OptionalTime('When it failed.')
  failedAt?: string;

  @OptionalText('The provider’s id of the transfer.', 'tr-5f0c1a2b')
  reference?: string;

  @FailedFrom()
  failedFrom?: string;

  @Reason()
  reason?: string;
}

export class PayoutsReply {
  @Text('Creator.', 'c-7')
  creatorId!: string;

  @ApiProperty({ type: [ListedPayoutReply], description: 'A page, the newest first.' })
  items!: ListedPayoutReply[];

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

export class CreatorBalancesReply {
  @Credits('Accrued and payable together; negative after refunds of what was paid out.', '5678')
  owed!: string;

  @Credits('Payouts requested or sent.', '12340000')
  inPayout!: string;

  @Credits('Payouts settled, over all time.', '0')
  paid!: string;
}

export class AmountAndCountReply {
  @Credits('Sum.', '803')
  amount!: string;

  @ApiProperty({ type: 'integer', description: 'Of how many.', example: 1 })
  count!: number;
}

export class BySourceReply {
  @Credits('Sum of both.', '803')
  total!: string;

  @ApiProperty({ type: AmountAndCountReply, description: 'Of runs of the creator’s prompts.' })
  promptRuns!: AmountAndCountReply;

  @ApiProperty({ type: AmountAndCountReply, description: 'Of unlocks of the creator’s flows.' })
  flowUnlocks!: AmountAndCountReply;
}

export class FundingReply {
  @Credits('From bought credits.', '803')
  purchased!: string;

  @Credits('From promotional credits.', '0')
  promo!: string;

  @Credits('From monthly credits of plans.', '0')
  monthly!: string;

  @Credits('From adjustments.', '0')
  adjustment!: string;

  @Credits('From balances taken over.', '0')
  legacy!: string;

  @Credits('From unlimited allowances of plans.', '0')
  allowance!: string;

  @Credits('Paid by nobody; the creator earned it all the same.', '0')
  uncollected!: string;
}

export class PayoutMovementsReply {
  @ApiProperty({ type: AmountAndCountReply, description: 'Left what is owed.' })
  requested!: AmountAndCountReply;

  @ApiProperty({ type: AmountAndCountReply, description: 'Went to the provider.' })
  sent!: AmountAndCountReply;

  @ApiProperty({ type: AmountAndCountReply, description: 'Arrived.' })
  settled!: AmountAndCountReply;

  @ApiProperty({ type: AmountAndCountReply, description: 'Came back to what is owed, from whatever state.' })
  failed!: AmountAndCountReply;
}

export class StatementReply {
  @Text('Creator.', 'c-7')
  creatorId!: string;

  @Text('Month (UTC).', '2026-11')
  month!: string;

  @Time('Its first moment.', '2026-11-01T00:00:00.000Z')
  from!: string;

  @Time('First moment after it.', '2026-12-01T00:00:00.000Z')
  until!: string;

  @ApiProperty({
    type: 'boolean',
    description:
      'True once the log has an event of a later month: nothing can change the statement any more.',
    example: false,
  })
  final!: boolean;

  @ApiProperty({ type: CreatorBalancesReply, description: 'When the month began.' })
  opening!: CreatorBalancesReply;

  @ApiProperty({ type: BySourceReply, description: 'Shares of charges and unlocks.' })
  earned!: BySourceReply;

  @ApiProperty({ type: BySourceReply, description: 'Shares of refunds.' })
  reversed!: BySourceReply;

  @ApiProperty({ type: FundingReply, description: 'How what was earned was funded; sums to earned.' })
  funding!: FundingReply;

  @ApiProperty({ type: PayoutMovementsReply, description: 'What payouts did in the month.' })
  payouts!: PayoutMovementsReply;

  @ApiProperty({
    type: CreatorBalancesReply,
    description: 'When the month ended: owed is opening + earned - reversed - requested + failed.',
  })
  closing!: CreatorBalancesReply;

  @ApiProperty({ type: PositionReply, description: 'What the answer is true for.' })
  asOf!: PositionReply;
}
