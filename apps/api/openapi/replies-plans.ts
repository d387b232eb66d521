import { ApiProperty } from '@nestjs/swagger';
import { PLAN_NAMES } from '#libs/ledger/plans/plan-table.js';
import { PROMPT_VISIBILITIES } from '#libs/ledger/wallet/vocabulary.js';
import { CommandReply } from './replies.js';
import { Credits, Text, Time } from './reply-fields.js';

export class PromptReply extends CommandReply {
  @Text('Prompt.', 'prompt-9')
  promptId!: string;

  @ApiProperty({
    enum: PROMPT_VISIBILITIES,
    description: 'Who sees it from now on.',
    example: 'private',
  })
  visibility!: string;

  @ApiProperty({ type: 'integer', description: 'Its size in bytes from now on.', example: 2_048 })
  sizeBytes!: number;
}

export class DeletePromptReply extends CommandReply {
  @Text('Prompt that is gone.', 'prompt-9')
  promptId!: string;
}

export class ChangePlanReply extends CommandReply {
  @ApiProperty({ enum: PLAN_NAMES, description: 'The plan that was asked for.', example: 'FREE' })
  plan!: string;

  @ApiProperty({
    type: 'boolean',
    description: 'False: it holds already. True: it begins at effectiveAt, unless the change is cancelled.',
    example: true,
  })
  scheduled!: boolean;

  @Time('When it begins to hold.', '2026-12-01T00:00:00.000Z')
  effectiveAt!: string;
}

export class CancelPlanChangeReply extends CommandReply {
  @ApiProperty({
    enum: PLAN_NAMES,
    description: 'The plan that will not come; the present one stays.',
    example: 'FREE',
  })
  cancelled!: string;
}

export class PaySubscriptionReply extends CommandReply {
  @ApiProperty({ enum: PLAN_NAMES, description: 'Plan that was paid.', example: 'PRO' })
  plan!: string;

  @Text('Payment id.', 'pay-2026-002')
  reference!: string;

  @Credits('What was paid.', '15000000')
  amount!: string;

  @Time('From when the plan is covered, inclusive.', '2026-11-20T00:00:00.000Z')
  from!: string;

  @Time('Until when, exclusive.', '2026-12-20T00:00:00.000Z')
  until!: string;
}
