import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UnlockFlow } from '#libs/application/commands/commands.js';
import { ApiCommand } from '../openapi/operations.js';
import { UnlockFlowReply } from '../openapi/replies.js';
import { CommandGate } from './command-gate.js';
import { readUnlockFlow } from './to-command.js';
import { UnlockFlowDto } from './unlock-flow.dto.js';

@ApiTags('flows')
@Controller('api/flows')
export class FlowsController {
  constructor(@Inject(CommandGate) private readonly gate: CommandGate) {}

  @Post('unlock')
  @ApiCommand({
    summary: 'Unlock a flow for a user: once per user and flow, 80 % to its creator.',
    body: UnlockFlowDto,
    reply: UnlockFlowReply,
    codes: ['wallet.not_found', 'flow.own_flow', 'flow.already_unlocked', 'wallet.insufficient_credits'],
  })
  unlock(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, readUnlockFlow, (env, command) => new UnlockFlow(env, command));
  }
}
