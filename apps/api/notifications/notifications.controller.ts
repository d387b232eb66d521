import { Controller, Get, Inject, Post, Put, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { markRead } from '#libs/notifications/inbox.js';
import { DEFAULT_LOCALE, type Locale } from '#libs/notifications/kinds.js';
import { type NewPreferences, putPreferences } from '#libs/notifications/preferences.js';
import { RowGate } from '../commands/row-gate.js';
import { commandReader } from '../commands/to-command.js';
import { timeText } from '../commands/reply.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { sendJson } from '../http/send.js';
import { ApiCommand, ApiRead } from '../openapi/operations.js';
import { foundOr, isRowId } from './ids.js';
import { NotificationReads } from './notification-reads.js';
import { NotificationOwnerDto, NotificationsQueryDto } from './notifications.dto.js';
import { chosenChannels, PreferencesDto } from './preferences.dto.js';
import { NotificationReadReply, NotificationsReply, PreferencesReply } from './replies.js';
import { preferencesOf } from './reply-text.js';

const readMarkRead = commandReader({
  fields: NotificationOwnerDto,
  path: ['id'],
  command: ({ userId }, { id }) => ({ type: 'MarkRead', userId, id }),
});

const readPutPreferences = commandReader({
  fields: PreferencesDto,
  judge: ({ channels }) => chosenChannels(channels).errors,
  command: ({ userId, email, emailVerified = false, locale = DEFAULT_LOCALE, channels }) => {
    const chosen: NewPreferences = {
      userId,
      email: email ?? undefined,
      emailVerified: email !== null && emailVerified,
      locale: locale as Locale,
      channels: chosenChannels(channels).channels,
    };
    return { type: 'PutPreferences', chosen };
  },
});

@ApiTags('notifications')
@Controller('api/notifications')
export class NotificationsController {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(RowGate) private readonly gate: RowGate,
    @Inject(NotificationReads) private readonly reads: NotificationReads,
  ) {}

  @Get()
  @ApiRead({
    summary: 'What a user was told, the newest first.',
    reply: NotificationsReply,
    query: NotificationsQueryDto,
    codes: [],
  })
  async list(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.reads.inbox(query));
  }

  @Post(':id/read')
  @ApiCommand({
    summary: 'Mark a notification as read. Repeating it changes nothing, so it needs no key.',
    body: NotificationOwnerDto,
    path: { id: { description: 'The notification.', example: '5f0c1a2b-3c4d-8e6f-a012-3456789abcde' } },
    reply: NotificationReadReply,
    keyed: false,
    codes: ['notification.not_found'],
  })
  async read(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { userId, id } = this.gate.unkeyed(request, readMarkRead);
    const { database, clock } = this.deps;
    const mark = { userId, messageId: id };
    const readAt = isRowId(id) ? await markRead(database, mark, clock.now()) : undefined;
    sendJson(reply, JSON.stringify({ id, readAt: timeText(foundOr(readAt, 'notification.not_found')) }));
  }

  @Get('preferences')
  @ApiRead({
    summary: 'How a user wants to be reached; the defaults when nothing was chosen.',
    reply: PreferencesReply,
    query: NotificationOwnerDto,
    codes: [],
  })
  async preferences(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.reads.preferences(query));
  }

  @Put('preferences')
  @ApiCommand({
    summary:
      'Replace how a user wants to be reached; what is left out is as the defaults say. Repeating it changes nothing, so it needs no key, and the address is kept nowhere else.',
    body: PreferencesDto,
    reply: PreferencesReply,
    keyed: false,
    codes: [],
  })
  async putPreferences(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { chosen } = this.gate.unkeyed(request, readPutPreferences);
    const { database, clock } = this.deps;
    sendJson(reply, JSON.stringify(preferencesOf(await putPreferences(database, chosen, clock.now()))));
  }
}
