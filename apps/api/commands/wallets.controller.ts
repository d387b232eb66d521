import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OpenWallet } from '#libs/application/commands/commands.js';
import { ApiCommand } from '../openapi/operations.js';
import { OpenWalletReply } from '../openapi/replies.js';
import { CommandGate } from './command-gate.js';
import { readOpenWallet } from './to-command.js';
import { OpenWalletDto } from './wallet.dto.js';

@ApiTags('wallets')
@Controller('api/wallets')
export class WalletsController {
  constructor(@Inject(CommandGate) private readonly gate: CommandGate) {}

  @Post()
  @ApiCommand({
    summary: 'Open a wallet; its plan grants the current month at once.',
    body: OpenWalletDto,
    reply: OpenWalletReply,
    codes: ['wallet.already_open'],
  })
  open(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, readOpenWallet, (env, command) => new OpenWallet(env, command));
  }
}
