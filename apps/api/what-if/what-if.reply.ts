import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { REFUSAL_REASONS } from '#libs/application/what-if/reprice.js';
import { PLAN_NAMES } from '#libs/ledger/plans/plan-table.js';
import { Credits, OptionalCredits, OptionalText, OptionalTime, Text, Time } from '../openapi/reply-fields.js';

export class WhatIfFiguresReply {
  @Credits('What the platform keeps: inference, markup, byokFee and platformShare.', '33200')
  revenue!: string;

  @Credits('Inference.', '30000')
  inference!: string;

  @Credits('Platform markup.', '3000')
  markup!: string;

  @Credits('Fees of runs on own keys.', '0')
  byokFee!: string;

  @Credits("Platform's 20 % of creator fees.", '200')
  platformShare!: string;

  @Credits("Creators' 80 % of their fees.", '800')
  creatorsIncome!: string;

  @Credits("What users' own credits pay: revenue and creatorsIncome less allowance.", '34000')
  usersCost!: string;

  @Credits('What unlimited plans cover.', '0')
  allowance!: string;

  @OptionalCredits('What plans grant in the months in which their users ran something.', '15000000')
  monthlyCredits?: string;
}

export class WhatIfLineReply {
  @ApiProperty({ type: 'integer', description: 'Runs priced both ways.', example: 1 })
  runs!: number;

  @ApiProperty({ type: WhatIfFiguresReply, description: 'As charged, less refunds.' })
  before!: WhatIfFiguresReply;

  @ApiProperty({
    type: WhatIfFiguresReply,
    description: 'Under the other terms; a refund keeps its share of the price.',
  })
  after!: WhatIfFiguresReply;
}

export class WhatIfModelReply extends WhatIfLineReply {
  @Text('Model as requested.', 'gpt-4')
  model!: string;
}

export class WhatIfPlanReply extends WhatIfLineReply {
  @ApiProperty({
    enum: PLAN_NAMES,
    description: 'Plan of the user when the run was charged.',
    example: 'PRO',
  })
  plan!: string;
}

export class WhatIfUserReply extends WhatIfLineReply {
  @Text('User.', 'u-1')
  userId!: string;
}

export class WhatIfOthersReply extends WhatIfLineReply {
  @ApiProperty({ type: 'integer', description: 'Users that are not listed.', example: 0 })
  users!: number;
}

export class WhatIfRefusedReply {
  @ApiProperty({
    enum: REFUSAL_REASONS,
    description: 'Why the run could not take place.',
    example: 'model.unpriced',
  })
  code!: string;

  @Text('Model as requested.', 'gpt-4-32k')
  model!: string;

  @ApiProperty({
    enum: PLAN_NAMES,
    description: 'Plan of the user when the run was charged.',
    example: 'PRO',
  })
  plan!: string;

  @ApiProperty({ type: 'integer', description: 'Runs, in no sum above.', example: 1 })
  runs!: number;

  @ApiProperty({ type: WhatIfFiguresReply, description: 'As charged, less refunds.' })
  before!: WhatIfFiguresReply;
}

export class WhatIfReplacedReply {
  @Text('Id.', 'standard')
  id!: string;

  @ApiProperty({ type: 'integer', description: 'Version.', example: 1 })
  version!: number;
}

export class WhatIfTermsReply {
  @OptionalText('Policy, when it was replaced.', 'graduated-v2')
  policy?: string;

  @ApiPropertyOptional({ type: WhatIfReplacedReply, description: 'Rate card, when it was replaced.' })
  rateCard?: WhatIfReplacedReply;

  @ApiPropertyOptional({ type: WhatIfReplacedReply, description: 'Plan table, when it was replaced.' })
  planTable?: WhatIfReplacedReply;
}

export class WhatIfAsOfReply {
  @Text('Log position up to which runs are in the answer.', 'a1b2c3d4-42')
  position!: string;

  @Time('When the event at that position was recorded.')
  time!: string;
}

export class WhatIfReply {
  @OptionalTime('First moment of the span, as asked.')
  from?: string;

  @OptionalTime('First moment behind it, as asked.')
  to?: string;

  @ApiProperty({
    type: WhatIfTermsReply,
    description: 'What was replaced; all else is as it was for each run.',
  })
  terms!: WhatIfTermsReply;

  @ApiProperty({ type: 'integer', description: 'Users with runs priced both ways.', example: 1 })
  users!: number;

  @ApiProperty({ type: WhatIfLineReply, description: 'Over all runs priced both ways.' })
  total!: WhatIfLineReply;

  @ApiProperty({ type: [WhatIfModelReply], description: 'By model.' })
  byModel!: WhatIfModelReply[];

  @ApiProperty({ type: [WhatIfPlanReply], description: 'By plan.' })
  byPlan!: WhatIfPlanReply[];

  @ApiProperty({
    type: [WhatIfUserReply],
    description: 'The users whose cost changes most, the heaviest first.',
  })
  byUser!: WhatIfUserReply[];

  @ApiProperty({ type: WhatIfOthersReply, description: 'All other users in one sum.' })
  otherUsers!: WhatIfOthersReply;

  @ApiProperty({
    type: [WhatIfRefusedReply],
    description: 'Runs that the other terms have no price for, or do not include: in no sum, never free.',
  })
  refused!: WhatIfRefusedReply[];

  @ApiProperty({ type: WhatIfAsOfReply, description: 'What the answer is true for.' })
  asOf!: WhatIfAsOfReply;
}
