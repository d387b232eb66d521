import { Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RowGate } from '../commands/row-gate.js';
import { requireNoQuery } from '../http/query.js';
import { sendJson } from '../http/send.js';
import { ApiCommand, ApiRead } from '../openapi/operations.js';
import { beginCampaign, CANCEL_CAMPAIGN, CancelCampaignDto, readBeginCampaign } from './campaigns.routes.js';
import { NotificationReads } from './notification-reads.js';
import { NewCampaignDto } from './notifications.dto.js';
import { CampaignCommandReply, CampaignReply, CampaignsReply } from './replies.js';

const CAMPAIGN = { description: 'The campaign.', example: 'prices-2027' };

@ApiTags('notifications')
@Controller('api/notifications/campaigns')
export class CampaignsController {
  private readonly begin: ReturnType<typeof beginCampaign>;

  constructor(
    @Inject(RowGate) private readonly gate: RowGate,
    @Inject(NotificationReads) private readonly reads: NotificationReads,
  ) {
    this.begin = beginCampaign(async (plans) => sum(await reads.usersOf(plans)));
  }

  @Post()
  @ApiCommand({
    summary: 'Announce something to every user of some plans, once each; with dryRun only count them.',
    body: NewCampaignDto,
    reply: CampaignCommandReply,
    codes: [],
  })
  async announce(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { command } = this.gate.keyed(request, readBeginCampaign).asked;
    if (!command.dryRun) return this.gate.handle(request, reply, this.begin);
    // Nothing is written, so the key is still free for the campaign itself.
    const users = await this.reads.usersOf(command.plans);
    sendJson(reply, JSON.stringify({ replayed: false, dryRun: true, users: Object.fromEntries(users) }));
  }

  @Get()
  @ApiRead({ summary: 'Campaigns and how far they are.', reply: CampaignsReply, codes: [] })
  async list(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    requireNoQuery(query);
    sendJson(reply, await this.reads.campaigns());
  }

  @Get(':id')
  @ApiRead({
    summary: 'How far a campaign is.',
    reply: CampaignReply,
    id: CAMPAIGN.description,
    idExample: CAMPAIGN.example,
    codes: ['campaign.not_found'],
  })
  async one(@Param() path: unknown, @Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    requireNoQuery(query);
    sendJson(reply, await this.reads.campaign(path));
  }

  @Post(':id/cancel')
  @ApiCommand({
    summary: 'Stop a campaign: nobody else is told, and mails that have not gone out do not.',
    body: CancelCampaignDto,
    bodyRequired: false,
    path: { id: CAMPAIGN },
    reply: CampaignCommandReply,
    codes: ['campaign.not_found'],
  })
  cancel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, CANCEL_CAMPAIGN);
  }
}

const sum = (users: ReadonlyMap<string, number>): number =>
  [...users.values()].reduce((all, count) => all + count, 0);
