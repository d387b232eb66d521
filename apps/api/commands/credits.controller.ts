import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiCommand } from '../openapi/operations.js';
import { AddCreditsReply, ReinstateCreditsReply, RevokeCreditsReply } from '../openapi/replies-credits.js';
import { CommandGate } from './command-gate.js';
import { AddCreditsDto, ReinstateCreditsDto, RevokeCreditsDto } from './credits.dto.js';
import { ADD, REINSTATE, REVOKE } from './credits.routes.js';

@ApiTags('credits')
@Controller('api/credits')
export class CreditsController {
  constructor(@Inject(CommandGate) private readonly gate: CommandGate) {}

  @Post('add')
  @ApiCommand({
    summary: 'Add purchased, promotional or adjusting credits to a wallet.',
    body: AddCreditsDto,
    reply: AddCreditsReply,
    codes: ['wallet.not_found', 'wallet.closed', 'payment.already_credited'],
  })
  add(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, ADD);
  }

  @Post('revoke')
  @ApiCommand({
    summary: 'Take back a purchase whose money was returned, or adjustments that were wrong.',
    body: RevokeCreditsDto,
    reply: RevokeCreditsReply,
    codes: ['wallet.not_found', 'wallet.closed', 'wallet.insufficient_credits'],
  })
  revoke(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, REVOKE);
  }

  @Post('reinstate')
  @ApiCommand({
    summary: 'Give a revoked purchase back: the dispute was won.',
    body: ReinstateCreditsDto,
    reply: ReinstateCreditsReply,
    codes: ['wallet.not_found'],
  })
  reinstate(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, REINSTATE);
  }
}
