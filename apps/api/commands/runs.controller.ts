import { Readable } from 'node:stream';
import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiBulk, ApiCommand } from '../openapi/operations.js';
import {
  AuthoriseRunReply,
  ChargePromptReply,
  RefundPromptReply,
  ReleaseHoldReply,
} from '../openapi/replies-runs.js';
import type { ProblemCode } from '../problem/codes.js';
import { BulkCharges } from './bulk.js';
import { ChargePromptDto } from './charge-prompt.dto.js';
import { CommandGate } from './command-gate.js';
import { AuthoriseRunDto, RefundPromptDto, ReleaseHoldDto } from './holds.dto.js';
import { AUTHORISE, REFUND, RELEASE } from './holds.routes.js';
import { CHARGE } from './runs.routes.js';

/** In the order in which a hold and a direct charge are judged. */
const RUN_CODES: readonly ProblemCode[] = [
  'wallet.not_found',
  'wallet.closed',
  'wallet.frozen',
  'run.already_charged',
  'quote.expired',
  'model.unpriced',
  'plan.model_not_included',
  'plan.byok_not_included',
  'plan.test_runs_exhausted',
  'wallet.insufficient_credits',
];

/** A run and its money: authorised, charged, given back. */
@ApiTags('runs')
@Controller('api/credits')
export class RunsController {
  constructor(
    @Inject(CommandGate) private readonly gate: CommandGate,
    @Inject(BulkCharges) private readonly bulk: BulkCharges,
  ) {}

  @Post('charge-prompt')
  @ApiCommand({
    summary: 'Charge one prompt run, directly or by settling its hold.',
    body: ChargePromptDto,
    reply: ChargePromptReply,
    codes: [...RUN_CODES, 'hold.not_found', 'hold.closed', 'hold.expired'],
  })
  charge(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, CHARGE);
  }

  @Post('charge-prompts')
  @ApiBulk()
  async chargeMany(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const text = await this.bulk.charge(request.body);
    reply.code(200).header('content-type', 'application/json; charset=utf-8').send(Readable.from(text));
  }

  @Post('holds')
  @ApiCommand({
    summary: 'Authorise a run: makes every check and reserves its estimated maximum.',
    body: AuthoriseRunDto,
    reply: AuthoriseRunReply,
    codes: [...RUN_CODES, 'hold.id_used'],
  })
  hold(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, AUTHORISE);
  }

  @Post('holds/:id/release')
  @ApiCommand({
    summary: 'Release a hold whose run will not be charged.',
    path: { id: { description: 'Hold.', example: 'hold-42' } },
    body: ReleaseHoldDto,
    reply: ReleaseHoldReply,
    codes: ['wallet.not_found', 'wallet.closed', 'hold.not_found', 'hold.closed'],
  })
  release(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, RELEASE);
  }

  @Post('refunds')
  @ApiCommand({
    summary: 'Refund a charged run, in whole or in part.',
    body: RefundPromptDto,
    reply: RefundPromptReply,
    codes: ['wallet.not_found', 'wallet.closed', 'refund.id_used', 'run.not_found', 'refund.exceeds_charge'],
  })
  refund(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, REFUND);
  }
}
