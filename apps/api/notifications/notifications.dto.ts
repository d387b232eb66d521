import { CHANNELS } from '#libs/notifications/kinds.js';
import { TARGET_EXPECTED } from '#libs/notifications/webhooks/target.js';
import { WEBHOOK_TYPES } from '#libs/notifications/webhooks/types.js';
import { PLAN_NAMES } from '#libs/ledger/plans/plan-table.js';
import {
  FlagField,
  IdField,
  LimitField,
  OneOfField,
  OpaqueField,
  ProseField,
  WordsField,
} from '../validation/fields.js';
import { Field } from '../validation/rule.js';

const URL_LENGTH_MAX = 2_048;
const TITLE_LENGTH_MAX = 120;
const BODY_LENGTH_MAX = 10_000;

const CURSOR = {
  description: 'nextCursor of the page before; valid for the same question only.',
  example: '4711.Zk9yX2V4YW1wbGVfb25seV9ub3RfYV9yZWFsX2N1cnNvcg',
  optional: true,
} as const;

export class NotificationOwnerDto {
  @IdField({ description: 'Whose it is; another user’s answers as a missing one.', example: 'u-1' })
  userId!: string;
}

export class NotificationsQueryDto extends NotificationOwnerDto {
  @OneOfField(['true', 'false'], { description: 'Only those not read yet.', example: 'true', optional: true })
  unread?: string;

  @LimitField({ description: 'Notifications a page. Default 50.', example: 50, optional: true })
  limit?: string;

  @OpaqueField(CURSOR)
  cursor?: string;
}

export class DeliveriesQueryDto extends NotificationOwnerDto {
  @LimitField({ description: 'Deliveries a page. Default 50.', example: 50, optional: true })
  limit?: string;

  @OpaqueField(CURSOR)
  cursor?: string;
}

export class NewWebhookDto {
  @IdField({
    description: 'Whose events it gets: those of their wallet, and of their earnings.',
    example: 'u-1',
  })
  userId!: string;

  // What else it must be depends on the configuration: see the route.
  @Field(
    [
      {
        name: 'isUrlText',
        message: `must be ${TARGET_EXPECTED}`,
        test: (value) => typeof value === 'string' && value.length > 0 && value.length <= URL_LENGTH_MAX,
      },
    ],
    {},
    {
      type: 'string',
      maxLength: URL_LENGTH_MAX,
      description: `Where events are sent to: ${TARGET_EXPECTED}.`,
      example: 'https://hooks.example.com/promptflow',
    },
  )
  url!: string;

  @WordsField(WEBHOOK_TYPES, {
    description: 'Types of events to send: see docs/reference/events.md.',
    example: ['promptflow.credits.added.v1', 'promptflow.balance.threshold_crossed.v1'],
  })
  types!: string[];
}

export class NewCampaignDto {
  @IdField({ description: 'Its id, used once for ever.', example: 'prices-2027' })
  campaignId!: string;

  @ProseField({
    max: TITLE_LENGTH_MAX,
    description: 'One line: subject of the mail.',
    example: 'Prices change',
  })
  title!: string;

  @ProseField({
    max: BODY_LENGTH_MAX,
    lines: true,
    description: 'Text without markup; an empty line begins a paragraph.',
    example: 'From 1 January on, runs on gpt-4 cost less.\n\nYou need not do anything.',
  })
  body!: string;

  @WordsField(PLAN_NAMES, { description: 'Whose users are told.', example: ['PRO', 'ELITE'] })
  plans!: string[];

  @WordsField(CHANNELS, {
    description: 'How at most; each user’s own choice and opt-out count.',
    example: ['inApp', 'email'],
  })
  channels!: string[];

  @FlagField({ description: 'True: only count, tell nobody. Default false.', example: true, optional: true })
  dryRun?: boolean;
}

export class NotificationPathDto {
  @IdField({ description: 'Which one.', example: '5f0c1a2b-3c4d-8e6f-a012-3456789abcde' })
  id!: string;
}
