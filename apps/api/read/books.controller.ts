import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { sendJson } from '../http/send.js';
import { ApiRead } from '../openapi/operations.js';
import { TrialBalanceReply } from '../openapi/read-replies.js';
import { TrialBalanceQueryDto } from './queries.dto.js';
import { Reads } from './reads.js';

@ApiTags('reads')
@Controller('api')
export class BooksController {
  constructor(@Inject(Reads) private readonly reads: Reads) {}

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
