import { Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CommandGate } from '../commands/command-gate.js';
import { sendJson } from '../http/send.js';
import { ApiCommand, ApiRead } from '../openapi/operations.js';
import { PositionQueryDto } from '../read/queries.dto.js';
import { CreatorReads } from './creator-reads.js';
import {
  FailPayoutDto,
  MarkPayoutDto,
  PayoutDestinationDto,
  PayoutsQueryDto,
  RequestPayoutDto,
  StatementQueryDto,
} from './creators.dto.js';
import {
  MARK_FAILED,
  MARK_SENT,
  MARK_SETTLED,
  REQUEST_PAYOUT,
  VERIFY_DESTINATION,
} from './creators.routes.js';
import {
  EarningsReply,
  PayoutCommandReply,
  PayoutDestinationReply,
  PayoutsReply,
  StatementReply,
} from './replies.js';

const CREATOR = 'Creator (a user id).';
const CREATOR_PATH = { id: { description: CREATOR, example: 'c-7' } };
const PAYOUT_PATH = {
  ...CREATOR_PATH,
  payoutId: { description: 'Payout that was requested.', example: 'payout-2026-11' },
};

@ApiTags('creators')
@Controller('api/creators/:id')
export class CreatorsController {
  constructor(
    @Inject(CommandGate) private readonly gate: CommandGate,
    @Inject(CreatorReads) private readonly reads: CreatorReads,
  ) {}

  @Get('earnings')
  @ApiRead({
    summary: 'What a creator has earned, can be paid now, and was paid.',
    reply: EarningsReply,
    query: PositionQueryDto,
    id: CREATOR,
    codes: ['creator.not_found', 'read.not_caught_up'],
  })
  async earnings(@Param() path: unknown, @Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.reads.earnings(path, query));
  }

  @Get('statement')
  @ApiRead({
    summary: 'One month of a creator: opening balances, what moved them, closing balances.',
    reply: StatementReply,
    query: StatementQueryDto,
    id: CREATOR,
    codes: ['creator.not_found', 'read.not_caught_up'],
  })
  async statement(
    @Param() path: unknown,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendJson(reply, await this.reads.statement(path, query));
  }

  @Get('payouts')
  @ApiRead({
    summary: 'Payouts of a creator, the newest first.',
    reply: PayoutsReply,
    query: PayoutsQueryDto,
    id: CREATOR,
    codes: ['creator.not_found', 'read.not_caught_up'],
  })
  async payouts(@Param() path: unknown, @Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.reads.payouts(path, query));
  }

  @Post('payout-destination')
  @ApiCommand({
    summary: 'Record the account that payouts go to, once verified; replaces an earlier one.',
    body: PayoutDestinationDto,
    path: CREATOR_PATH,
    reply: PayoutDestinationReply,
    codes: [],
  })
  verifyDestination(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, VERIFY_DESTINATION);
  }

  @Post('payouts')
  @ApiCommand({
    summary: 'Request a payout of what is payable, in whole cents.',
    body: RequestPayoutDto,
    path: CREATOR_PATH,
    reply: PayoutCommandReply,
    codes: ['creator.not_found', 'payout.no_destination', 'payout.nothing_payable', 'payout.below_minimum'],
  })
  requestPayout(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, REQUEST_PAYOUT);
  }

  @Post('payouts/:payoutId/sent')
  @ApiCommand({
    summary: 'Record that a requested payout has gone to the provider.',
    body: MarkPayoutDto,
    bodyRequired: false,
    path: PAYOUT_PATH,
    reply: PayoutCommandReply,
    codes: ['payout.not_found'],
  })
  markSent(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, MARK_SENT);
  }

  @Post('payouts/:payoutId/settled')
  @ApiCommand({
    summary: 'Record that a payout has arrived.',
    body: MarkPayoutDto,
    bodyRequired: false,
    path: PAYOUT_PATH,
    reply: PayoutCommandReply,
    codes: ['payout.not_found'],
  })
  markSettled(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, MARK_SETTLED);
  }

  @Post('payouts/:payoutId/failed')
  @ApiCommand({
    summary: 'Record that a payout has failed: its amount is payable again.',
    body: FailPayoutDto,
    path: PAYOUT_PATH,
    reply: PayoutCommandReply,
    codes: ['payout.not_found'],
  })
  markFailed(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, MARK_FAILED);
  }
}
