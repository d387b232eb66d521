import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CHANNELS, LOCALES, NOTE_KINDS } from '#libs/notifications/kinds.js';
import { OptionalText, OptionalTime, Text, Time } from '../openapi/reply-fields.js';

const ID = '5f0c1a2b-3c4d-8e6f-a012-3456789abcde';
const WEBHOOK_ID = '0b8f9c1e-1d2c-4b3a-9e8f-7a6b5c4d3e2f';
const TYPES = ['promptflow.credits.added.v1'];
const Count = (description: string, example: number): PropertyDecorator =>
  ApiProperty({ type: 'integer', description, example });
const NextCursor = (): PropertyDecorator =>
  ApiProperty({
    type: 'string',
    nullable: true,
    description: 'cursor of the next page; null on the last one.',
    example: null,
  });
const Replayed = (): PropertyDecorator =>
  ApiProperty({
    type: 'boolean',
    description: 'True when the key had taken effect before: this is that first result.',
    example: false,
  });

export class NotificationReply {
  @Text('The notification.', ID)
  id!: string;

  @ApiProperty({ enum: NOTE_KINDS, description: 'What it is about.', example: 'low_balance' })
  kind!: string;

  @Text('One line.', 'Your balance is below 2,000,000 credits ($2.00)')
  title!: string;

  @Text('Plain text of some lines.', 'Available now: 998,448 credits ($0.998448)')
  body!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'What it says, for programs; amounts are strings of credits.',
    example: { threshold: '2000000', available: '998448' },
  })
  data!: object;

  @Time('When it happened.')
  at!: string;

  @OptionalTime('When it was read; absent when it was not.')
  readAt?: string;
}

export class NotificationsReply {
  @ApiProperty({ type: [NotificationReply], description: 'A page, the newest first.' })
  items!: NotificationReply[];

  @NextCursor()
  nextCursor!: string | null;

  @Count('All that are not read.', 1)
  unread!: number;
}

export class NotificationReadReply {
  @Text('The notification.', ID)
  id!: string;

  @Time('When it was read first.')
  readAt!: string;
}

export class ChannelsReply {
  @ApiProperty({ type: 'boolean', description: 'Shown in the app.', example: true })
  inApp!: boolean;

  @ApiProperty({ type: 'boolean', description: 'Sent by mail.', example: true })
  email!: boolean;
}

export class PreferencesReply {
  @Text('Whose they are.', 'u-1')
  userId!: string;

  @OptionalText('Where mails go; absent when nowhere.', 'bea@example.com')
  email?: string;

  @ApiProperty({ type: 'boolean', description: 'Whether a service has vouched for it.', example: true })
  emailVerified!: boolean;

  @OptionalTime(
    'When a mail server refused the address for good: nothing is sent to it until it is replaced.',
  )
  emailBouncedAt?: string;

  @ApiProperty({ enum: LOCALES, description: 'Language of texts.', example: 'en' })
  locale!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'object' },
    description: `Channels by kind, all of them: {inApp, email} for each of ${NOTE_KINDS.join(', ')}.`,
    example: { low_balance: { inApp: true, email: true } },
  })
  channels!: object;
}

export class WebhookReply {
  @Text('The webhook.', WEBHOOK_ID)
  id!: string;

  @Text('Where events are sent to.', 'https://hooks.example.com/promptflow')
  url!: string;

  @ApiProperty({ type: [String], description: 'Types that it gets.', example: TYPES })
  types!: string[];

  @ApiProperty({ enum: ['active', 'disabled'], description: 'Whether anything is sent.', example: 'active' })
  state!: string;

  @ApiPropertyOptional({
    enum: ['failing', 'gone'],
    description: 'Why it was switched off: nothing reached it for 5 days, or it answered 410.',
    example: 'failing',
  })
  disabledFor?: string;

  @Time('When it was made.')
  createdAt!: string;

  @OptionalTime('First failure since the last success.')
  failingSince?: string;

  @OptionalTime('When it was switched off.')
  disabledAt?: string;

  @OptionalTime('Until when the replaced secret still signs beside the new one.')
  oldSecretUntil?: string;
}

export class WebhooksReply {
  @ApiProperty({ type: [WebhookReply], description: 'The oldest first.' })
  items!: WebhookReply[];
}

export class WebhookCommandReply {
  @Replayed()
  replayed!: boolean;

  @ApiProperty({ type: WebhookReply, description: 'The webhook right after the command.' })
  webhook!: WebhookReply;
}

export class WebhookSecretReply extends WebhookCommandReply {
  @OptionalText(
    'Signs what is sent. Shown here alone; absent from a repeat of the request once it was replaced.',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  )
  secret?: string;
}

export class WebhookDeletedReply {
  @Replayed()
  replayed!: boolean;

  @Text('The webhook that was.', WEBHOOK_ID)
  id!: string;
}

export class DeliveryPutReply {
  @Replayed()
  replayed!: boolean;

  @Text('The delivery: webhook-id of what is sent.', ID)
  deliveryId!: string;
}

export class AttemptReply {
  @Count('From 1.', 1)
  number!: number;

  @Time('When it began.')
  at!: string;

  @ApiPropertyOptional({ type: 'integer', description: 'How long it took, ms.', example: 87 })
  durationMs?: number;

  @OptionalText(
    'delivered, http_error, redirect, timeout, private_address, or a code of the network; absent while it runs and when it was cut off.',
    'delivered',
  )
  outcome?: string;

  @ApiPropertyOptional({ type: 'integer', description: 'HTTP status of the answer.', example: 204 })
  status?: number;
}

export class DeliveryReply {
  @Text('The delivery: webhook-id of what is sent, the same for every try.', ID)
  id!: string;

  @Text('Type of what is sent.', 'promptflow.credits.added.v1')
  type!: string;

  @ApiProperty({
    enum: ['waiting', 'delivered', 'failed', 'cancelled'],
    description: 'What became of it.',
    example: 'delivered',
  })
  state!: string;

  @OptionalText('Why it failed: gave_up, gone or endpoint_disabled.', 'gave_up')
  reason?: string;

  @Time('When it was made.')
  createdAt!: string;

  @OptionalTime('When it is tried next.')
  dueAt?: string;

  @OptionalTime('When it ended.')
  endedAt?: string;

  @ApiProperty({ type: [AttemptReply], description: 'Its tries.' })
  attempts!: AttemptReply[];
}

export class DeliveriesReply {
  @ApiProperty({ type: [DeliveryReply], description: 'A page, the newest first. Kept for 30 days.' })
  items!: DeliveryReply[];

  @NextCursor()
  nextCursor!: string | null;
}

export class CampaignMailsReply {
  @Count('Mails made.', 1_498)
  made!: number;

  @Count('Of them, taken by the mail server.', 1_490)
  delivered!: number;

  @Count('Of them, given up or cancelled.', 2)
  failed!: number;
}

export class CampaignReply {
  @Text('The campaign.', 'prices-2027')
  campaignId!: string;

  @Text('Its title.', 'Prices change')
  title!: string;

  @Text('Its text.', 'From 1 January on, runs on gpt-4 cost less.')
  body!: string;

  @ApiProperty({ type: [String], description: 'Whose users are told.', example: ['PRO'] })
  plans!: string[];

  @ApiProperty({ enum: CHANNELS, isArray: true, description: 'How at most.', example: ['inApp'] })
  channels!: string[];

  @ApiProperty({ enum: ['running', 'done', 'cancelled'], description: 'How far it is.', example: 'running' })
  state!: string;

  @Time('When it was begun.')
  createdAt!: string;

  @OptionalTime('When it was done or cancelled.')
  endedAt?: string;

  @Count('Users of these plans when it was begun.', 1_500)
  expected!: number;

  @Count('Users gone through.', 1_000)
  processed!: number;

  @Count('Of them, told in the app.', 998)
  inApp!: number;

  @ApiProperty({ type: CampaignMailsReply, description: 'Its mails.' })
  mails!: CampaignMailsReply;
}

export class CampaignCommandReply {
  @Replayed()
  replayed!: boolean;

  @ApiPropertyOptional({ type: 'boolean', description: 'True: nobody is told.', example: true })
  dryRun?: boolean;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'Of a dry run: users by plan.',
    example: { PRO: 1_200, ELITE: 300 },
  })
  users?: object;

  @ApiPropertyOptional({ type: CampaignReply, description: 'The campaign right after the command.' })
  campaign?: CampaignReply;
}

export class CampaignsReply {
  @ApiProperty({ type: [CampaignReply], description: 'The newest first, at most 100.' })
  items!: CampaignReply[];
}
