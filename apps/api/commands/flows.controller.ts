import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiCommand } from '../openapi/operations.js';
import { RefundFlowReply, UnlockFlowReply } from '../openapi/replies-runs.js';
import { CommandGate } from './command-gate.js';
import { RefundFlowDto, UnlockFlowDto } from './flows.dto.js';
import { REFUND, UNLOCK } from './flows.routes.js';

@ApiTags('flows')
@Controller('api/flows')
export class FlowsController {
  constructor(@Inject(CommandGate) private readonly gate: CommandGate) {}

  @Post('unlock')
  @ApiCommand({
    summary: 'Unlock a flow for a user: once per user and flow, 80 % to its creator.',
    body: UnlockFlowDto,
    reply: UnlockFlowReply,
    codes: [
      'wallet.not_found',
      'wallet.closed',
      'wallet.frozen',
      'flow.own_flow',
      'flow.already_unlocked',
      'wallet.insufficient_credits',
    ],
  })
  unlock(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, UNLOCK);
  }

  @Post('refunds')
  @ApiCommand({
    summary: 'Refund an unlocked flow; it stays used and cannot be unlocked again.',
    body: RefundFlowDto,
    reply: RefundFlowReply,
    codes: [
      'wallet.not_found',
      'wallet.closed',
      'refund.id_used',
      'flow.not_unlocked',
      'refund.exceeds_charge',
    ],
  })
  refund(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, REFUND);
  }
}
