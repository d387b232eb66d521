import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { EXCLUSIONS, RUN_STATES } from '#libs/payouts/runs/run.js';
import { TRANSFER_STATES } from '#libs/payouts/transfer.js';
import { DestinationReply } from '../creators/replies.js';
import { Credits, OptionalCredits, OptionalText, OptionalTime, Text, Time } from '../openapi/reply-fields.js';

const ITEM_STATES = ['listed', 'excluded', 'requested', 'skipped'];
const LEDGER_STATES = ['requested', 'sent', 'settled', 'failed'];
const Count = (description: string, example: number): PropertyDecorator =>
  ApiProperty({ type: 'integer', description, example });
const NextCursor = (): PropertyDecorator =>
  ApiProperty({
    type: 'string',
    nullable: true,
    description: 'cursor of the next page; null on the last one.',
    example: null,
  });

export class PayoutRunReply {
  @Text('Run.', 'monthly-2026-11-01')
  runId!: string;

  @ApiProperty({
    enum: RUN_STATES,
    description: 'prepared waits for finance, approved for the payout worker.',
    example: 'prepared',
  })
  state!: string;

  @Time('The moment for which it was judged what is payable.')
  judgedAt!: string;

  @Text('Place in the log that the amounts show.', 'a1b2c3d4-42')
  position!: string;

  @Time('When it was prepared.')
  preparedAt!: string;

  @Text('Who prepared it.', 'system:payout-worker')
  preparedBy!: string;

  @OptionalTime('When it was approved or rejected.')
  decidedAt?: string;

  @OptionalText('Who approved or rejected it.', 'local')
  decidedBy?: string;

  @OptionalTime('When its first payout was requested.')
  startedAt?: string;

  @OptionalTime('When the last one was.')
  doneAt?: string;

  @Count('Creators who are owed something.', 3)
  creators!: number;

  @Count('Still to be requested.', 2)
  listed!: number;

  @Count('Not paid by this run; each says why.', 1)
  excluded!: number;

  @Count('Requested.', 0)
  requested!: number;

  @Count('Refused by the ledger when it came to it.', 0)
  skipped!: number;

  @Credits('What was listed, whole cents.', '34560000')
  amount!: string;

  @Text('The same in dollars.', '$34.56')
  usd!: string;

  @Credits('What was requested.', '0')
  requestedAmount!: string;
}

export class PayoutRunItemReply {
  @Text('Creator.', 'c-7')
  creatorId!: string;

  @ApiProperty({ enum: ITEM_STATES, description: 'What became of it.', example: 'listed' })
  state!: string;

  @Credits('What was payable when the run was prepared; negative after refunds.', '12345678')
  payable!: string;

  @Credits('What is to be paid, whole cents; 0 when excluded.', '12340000')
  amount!: string;

  @Text('The same in dollars.', '$12.34')
  usd!: string;

  @ApiPropertyOptional({ type: DestinationReply, description: 'Where it goes.' })
  destination?: DestinationReply;

  @OptionalText(
    `Why it is excluded (${EXCLUSIONS.join(', ')}), or the code by which the ledger refused.`,
    'below_minimum',
  )
  reason?: string;

  @OptionalText('Payout that was requested.', 'run-monthly-2026-11-01-c-7')
  payoutId?: string;

  @OptionalCredits('What was requested: less than listed when less was payable by then.', '12340000')
  requestedAmount?: string;

  @ApiPropertyOptional({
    enum: TRANSFER_STATES,
    description: 'How far its transfer is, once there is one.',
    example: 'sent',
  })
  transferState?: string;
}

export class PayoutRunCommandReply {
  @ApiProperty({
    type: 'boolean',
    description: 'True when the key had taken effect before: this is that first result.',
    example: false,
  })
  replayed!: boolean;

  @ApiProperty({ type: PayoutRunReply, description: 'The run right after the command.' })
  run!: PayoutRunReply;
}

export class PayoutRunDetailsReply {
  @ApiProperty({ type: PayoutRunReply, description: 'The run.' })
  run!: PayoutRunReply;

  @ApiProperty({ type: [PayoutRunItemReply], description: 'A page, in the order of creator ids.' })
  items!: PayoutRunItemReply[];

  @NextCursor()
  nextCursor!: string | null;
}

export class PayoutRunsReply {
  @ApiProperty({ type: [PayoutRunReply], description: 'A page, the newest first.' })
  items!: PayoutRunReply[];

  @NextCursor()
  nextCursor!: string | null;
}

export class TransferFailureReply {
  @Text('What the provider said, a stable code.', 'insufficient_balance')
  code!: string;

  @Text('What the ledger has as the reason.', 'other')
  reason!: string;
}

export class TransferConflictReply {
  @ApiProperty({
    enum: ['sent_but_failed', 'ledger_disagrees', 'unknown_payout', 'provider_differs', 'partly_reversed'],
    description: 'What does not agree.',
    example: 'sent_but_failed',
  })
  code!: string;

  @Text('In words.', 'the provider has it as tr_5f0c1a2b, the log says it failed')
  detail!: string;
}

export class TransferReply {
  @Text('Creator.', 'c-7')
  creatorId!: string;

  @Text('Payout.', 'payout-2026-11')
  payoutId!: string;

  @Credits('Whole cents.', '12340000')
  amount!: string;

  @Text('The same in dollars.', '$12.34')
  usd!: string;

  @Text('Provider of the destination, as finance has recorded it.', 'stripe')
  provider!: string;

  @Text('The provider’s own id of the account.', 'acct_1Nv0FGQ9RKHgCVdK')
  destination!: string;

  @ApiProperty({
    enum: TRANSFER_STATES,
    description:
      'What the provider has made of it. attempted: asked, and the answer is not known yet. withdrawn: never sent.',
    example: 'sent',
  })
  state!: string;

  @ApiProperty({ enum: LEDGER_STATES, description: 'What the log says of the payout.', example: 'sent' })
  ledgerState!: string;

  @OptionalText('The provider’s id of the transfer, or the name of its file.', 'tr_5f0c1a2b')
  reference?: string;

  @ApiPropertyOptional({ type: TransferFailureReply, description: 'Why it failed.' })
  failure?: TransferFailureReply;

  @ApiPropertyOptional({
    type: TransferConflictReply,
    description: 'Provider and log do not agree; somebody has to look.',
  })
  conflict?: TransferConflictReply;

  @Count('Times that the provider was asked to make it.', 1)
  attempts!: number;

  @OptionalTime('When it was asked last.')
  lastAttemptAt?: string;

  @OptionalText('What went wrong last.', 'Too many requests')
  lastError?: string;

  @Time('When the payout was requested.')
  requestedAt!: string;

  @Time('When something of the transfer changed last.')
  changedAt!: string;

  @OptionalTime('When it is looked at again; absent when nothing is left to do.')
  nextAt?: string;
}

export class TransferCommandReply {
  @ApiProperty({
    type: 'boolean',
    description: 'True when the key had taken effect before: this is that first result.',
    example: false,
  })
  replayed!: boolean;

  @ApiProperty({ type: TransferReply, description: 'The transfer right after the command.' })
  transfer!: TransferReply;
}

export class TransfersReply {
  @ApiProperty({ type: [TransferReply], description: 'A page, the newest first.' })
  items!: TransferReply[];

  @NextCursor()
  nextCursor!: string | null;
}

export class ReceivedReply {
  @ApiProperty({ type: 'boolean', description: 'Taken, now or before.', example: true })
  received!: boolean;
}
