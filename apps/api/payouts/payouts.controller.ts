import { Controller, Get, Headers, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RowGate, type RowRoute } from '../commands/row-gate.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { sendJson } from '../http/send.js';
import { ApiCommand, ApiRead } from '../openapi/operations.js';
import { PayoutReads } from './payout-reads.js';
import { NoFieldsDto, RunQueryDto, RunsQueryDto, TransfersQueryDto } from './payouts.dto.js';
import {
  PayoutRunCommandReply,
  PayoutRunDetailsReply,
  PayoutRunsReply,
  TransferCommandReply,
  TransfersReply,
} from './replies.js';
import { RESOLVE_CONFLICT } from './transfer-commands.js';
import { APPROVE_RUN, prepareRun, REJECT_RUN, waitForEarnings } from './run-commands.js';

const RUN = 'Payout run.';
const RUN_EXAMPLE = 'monthly-2026-11-01';
const RUN_PATH = { id: { description: RUN, example: RUN_EXAMPLE } };
const CSV_MEDIA_TYPE = 'text/csv; charset=utf-8';

@ApiTags('payouts')
@Controller('api/payouts')
export class PayoutsController {
  private readonly prepareRun: RowRoute<unknown>;

  constructor(
    @Inject(RowGate) private readonly gate: RowGate,
    @Inject(PayoutReads) private readonly reads: PayoutReads,
    @Inject(API_DEPS) private readonly deps: ApiDeps,
  ) {
    this.prepareRun = prepareRun(deps) as RowRoute<unknown>;
  }

  @Post('runs')
  @ApiCommand({
    summary: 'Prepare a payout run: what every creator can be paid now, for finance to approve.',
    body: NoFieldsDto,
    bodyRequired: false,
    reply: PayoutRunCommandReply,
    codes: ['read.not_caught_up'],
  })
  async prepare(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.gate.keyed(request, this.prepareRun.read);
    await waitForEarnings(this.deps);
    await this.gate.handle(request, reply, this.prepareRun);
  }

  @Get('runs')
  @ApiRead({
    summary: 'Payout runs, the newest first.',
    reply: PayoutRunsReply,
    query: RunsQueryDto,
    codes: [],
  })
  async list(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.reads.list(query));
  }

  @Get('runs/:id')
  @ApiProduces('application/json', 'text/csv')
  @ApiRead({
    summary: 'A payout run: who is paid how much, who is not and why, and what became of it.',
    reply: PayoutRunDetailsReply,
    query: RunQueryDto,
    id: RUN,
    idExample: RUN_EXAMPLE,
    codes: ['payout.not_found'],
  })
  async show(
    @Param() path: unknown,
    @Query() query: unknown,
    @Headers('accept') accept: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const answer = await this.reads.show(path, query, accept ?? '');
    if (typeof answer === 'string') return sendJson(reply, answer);
    reply.code(200).header('content-type', CSV_MEDIA_TYPE).send(answer);
  }

  @Post('runs/:id/approve')
  @ApiCommand({
    summary: 'Approve a prepared run: the payout worker requests what it lists, judged afresh.',
    path: RUN_PATH,
    body: NoFieldsDto,
    bodyRequired: false,
    reply: PayoutRunCommandReply,
    codes: ['payout.not_found'],
  })
  approve(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, APPROVE_RUN);
  }

  @Post('runs/:id/reject')
  @ApiCommand({
    summary: 'Reject a prepared run: nobody is paid by it.',
    path: RUN_PATH,
    body: NoFieldsDto,
    bodyRequired: false,
    reply: PayoutRunCommandReply,
    codes: ['payout.not_found'],
  })
  reject(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, REJECT_RUN);
  }

  @Get('transfers')
  @ApiRead({
    summary: 'Payouts on their way: what the provider has made of each, and what the log says.',
    reply: TransfersReply,
    query: TransfersQueryDto,
    codes: [],
  })
  async transfers(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.reads.listTransfers(query));
  }

  @Post('transfers/:creatorId/:payoutId/resolve')
  @ApiCommand({
    summary: 'Take the conflict of a transfer away, once it is settled with the provider.',
    body: NoFieldsDto,
    bodyRequired: false,
    path: {
      creatorId: { description: 'Creator.', example: 'c-7' },
      payoutId: { description: 'Payout.', example: 'payout-2026-11' },
    },
    reply: TransferCommandReply,
    codes: ['payout.not_found'],
  })
  resolve(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, RESOLVE_CONFLICT);
  }
}
