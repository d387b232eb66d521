import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { sendJson } from '../http/send.js';
import { ApiRead } from '../openapi/operations.js';
import { TransactionsReply, UnlockedFlowsReply } from '../openapi/read-replies.js';
import { WalletBalanceReply } from '../openapi/replies.js';
import { TransactionsQueryDto, UserQueryDto } from './queries.dto.js';
import { Reads } from './reads.js';

@ApiTags('reads')
@Controller('api')
export class CreditsReadController {
  constructor(@Inject(Reads) private readonly reads: Reads) {}

  @Get('credits/balance')
  @ApiRead({
    summary: 'Balance of a wallet now, with its lots.',
    reply: WalletBalanceReply,
    query: UserQueryDto,
    codes: ['wallet.not_found', 'read.not_caught_up'],
  })
  async balance(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.reads.balance(query));
  }

  @Get('credits/transactions')
  @ApiRead({
    summary: 'Transactions of a wallet, the newest first.',
    reply: TransactionsReply,
    query: TransactionsQueryDto,
    codes: ['wallet.not_found', 'read.not_caught_up'],
  })
  async transactions(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.reads.transactions(query));
  }

  @Get('flows/unlocked')
  @ApiRead({
    summary: 'Flows a user has unlocked.',
    reply: UnlockedFlowsReply,
    query: UserQueryDto,
    codes: ['wallet.not_found', 'read.not_caught_up'],
  })
  async unlocked(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.reads.unlockedFlows(query));
  }
}
