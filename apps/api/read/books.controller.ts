import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { sendJson } from '../http/send.js';
import { ApiRead } from '../openapi/operations.js';
import { EarningsReply, TrialBalanceReply } from '../openapi/read-replies.js';
import { PositionQueryDto, TrialBalanceQueryDto } from './queries.dto.js';
import { Reads } from './reads.js';

@ApiTags('reads')
@Controller('api')
export class BooksController {
  constructor(@Inject(Reads) private readonly reads: Reads) {}

  @Get('creators/:id/earnings')
  @ApiRead({
    summary: 'What a creator has earned.',
    reply: EarningsReply,
    query: PositionQueryDto,
    id: 'Creator (a user id).',
    codes: ['creator.not_found', 'read.not_caught_up'],
  })
  async earnings(@Param() path: unknown, @Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.reads.earnings(path, query));
  }

  @Get('ledger/trial-balance')
  @ApiRead({
    summary: 'Every account of the books; their sum is zero at every position.',
    reply: TrialBalanceReply,
    query: TrialBalanceQueryDto,
    codes: ['read.not_caught_up'],
  })
  async trialBalance(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.reads.trialBalance(query));
  }
}
