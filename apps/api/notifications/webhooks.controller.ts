import { Controller, Delete, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RowGate } from '../commands/row-gate.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { sendJson } from '../http/send.js';
import { ApiCommand, ApiRead } from '../openapi/operations.js';
import { NotificationReads } from './notification-reads.js';
import { DeliveriesQueryDto, NewWebhookDto, NotificationOwnerDto } from './notifications.dto.js';
import {
  DeliveriesReply,
  DeliveryPutReply,
  WebhookCommandReply,
  WebhookDeletedReply,
  WebhookSecretReply,
  WebhooksReply,
} from './replies.js';
import {
  createWebhook,
  DELETE_WEBHOOK,
  ENABLE_WEBHOOK,
  REDELIVER,
  rotateWebhookSecret,
  TEST_WEBHOOK,
} from './webhooks.routes.js';

const WEBHOOK = { description: 'The webhook.', example: '0b8f9c1e-1d2c-4b3a-9e8f-7a6b5c4d3e2f' };
const WEBHOOK_PATH = { id: WEBHOOK };
const DELIVERY_PATH = {
  id: { description: 'The delivery: webhook-id.', example: '5f0c1a2b-3c4d-8e6f-a012-3456789abcde' },
};

@ApiTags('notifications')
@Controller('api/notifications')
export class WebhooksController {
  private readonly create: ReturnType<typeof createWebhook>;
  private readonly rotate: ReturnType<typeof rotateWebhookSecret>;

  constructor(
    @Inject(API_DEPS) { database, webhookAllowedHosts }: ApiDeps,
    @Inject(RowGate) private readonly gate: RowGate,
    @Inject(NotificationReads) private readonly reads: NotificationReads,
  ) {
    this.create = createWebhook(database, webhookAllowedHosts);
    this.rotate = rotateWebhookSecret(database);
  }

  @Get('webhooks')
  @ApiRead({
    summary: 'Where events of a user are sent to.',
    reply: WebhooksReply,
    query: NotificationOwnerDto,
    codes: [],
  })
  async list(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.reads.webhooks(query));
  }

  @Post('webhooks')
  @ApiCommand({
    summary: 'Send events of a user to an address, signed by a secret that is shown this once.',
    body: NewWebhookDto,
    reply: WebhookSecretReply,
    codes: [],
  })
  make(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, this.create);
  }

  @Delete('webhooks/:id')
  @ApiCommand({
    summary: 'Send nothing more to an address; what was sent to it is forgotten.',
    path: WEBHOOK_PATH,
    query: NotificationOwnerDto,
    reply: WebhookDeletedReply,
    codes: ['webhook.not_found'],
  })
  remove(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, DELETE_WEBHOOK);
  }

  @Post('webhooks/:id/rotate-secret')
  @ApiCommand({
    summary: 'Replace the secret; for a day both sign what is sent.',
    body: NotificationOwnerDto,
    path: WEBHOOK_PATH,
    reply: WebhookSecretReply,
    codes: ['webhook.not_found'],
  })
  rotateSecret(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, this.rotate);
  }

  @Post('webhooks/:id/enable')
  @ApiCommand({
    summary: 'Switch a webhook on again that had failed for too long.',
    body: NotificationOwnerDto,
    path: WEBHOOK_PATH,
    reply: WebhookCommandReply,
    codes: ['webhook.not_found'],
  })
  enable(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, ENABLE_WEBHOOK);
  }

  @Post('webhooks/:id/test')
  @ApiCommand({
    summary: 'Send a message of type promptflow.webhook.test.v1.',
    body: NotificationOwnerDto,
    path: WEBHOOK_PATH,
    reply: DeliveryPutReply,
    codes: ['webhook.not_found'],
  })
  test(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, TEST_WEBHOOK);
  }

  @Get('webhooks/:id/deliveries')
  @ApiRead({
    summary: 'What was sent to a webhook, and every try, the newest first.',
    reply: DeliveriesReply,
    query: DeliveriesQueryDto,
    id: WEBHOOK.description,
    idExample: WEBHOOK.example,
    codes: ['webhook.not_found'],
  })
  async deliveries(
    @Param() path: unknown,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendJson(reply, await this.reads.deliveries(path, query));
  }

  @Post('deliveries/:id/redeliver')
  @ApiCommand({
    summary: 'Send something again, under the same webhook-id, whatever became of it.',
    body: NotificationOwnerDto,
    path: DELIVERY_PATH,
    reply: DeliveryPutReply,
    codes: ['delivery.not_found'],
  })
  redeliver(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, REDELIVER);
  }
}
