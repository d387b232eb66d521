import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { sendJson } from '../http/send.js';
import { ApiRead } from '../openapi/operations.js';
import {
  EntitlementsReply,
  HoldsReply,
  LotMovementsReply,
  LotsReply,
  WalletNowReply,
} from '../openapi/wallet-read-replies.js';
import { TransactionsReply, UnlockedFlowsReply } from '../openapi/read-replies.js';
import { PageQueryDto, TransactionsQueryDto, UserQueryDto } from './queries.dto.js';
import { Reads } from './reads.js';
import { WalletReads } from './wallet-reads.js';

@ApiTags('reads')
@Controller('api')
export class CreditsReadController {
  constructor(
    @Inject(Reads) private readonly reads: Reads,
    @Inject(WalletReads) private readonly wallets: WalletReads,
  ) {}

  @Get('credits/balance')
  @ApiRead({
    summary: 'Balance of a wallet now, with its lots.',
    reply: WalletNowReply,
    query: UserQueryDto,
    codes: ['wallet.not_found', 'read.not_caught_up'],
  })
  async balance(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.wallets.balance(query));
  }

  @Get('credits/lots')
  @ApiRead({
    summary: 'Every lot a wallet ever had, with what became of it, the newest first.',
    reply: LotsReply,
    query: PageQueryDto,
    codes: ['wallet.not_found', 'read.not_caught_up'],
  })
  async lots(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.wallets.lots(query));
  }

  @Get('credits/lots/:id')
  @ApiRead({
    summary: 'One lot with what moved it, the oldest first; a page may hold less than its limit.',
    reply: LotMovementsReply,
    query: PageQueryDto,
    id: 'Lot of the wallet.',
    codes: ['wallet.not_found', 'read.not_caught_up'],
  })
  async lot(@Param() path: unknown, @Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.wallets.lot(path, query));
  }

  @Get('credits/holds')
  @ApiRead({
    summary: 'Open holds of a wallet, the newest first.',
    reply: HoldsReply,
    query: UserQueryDto,
    codes: ['wallet.not_found', 'read.not_caught_up'],
  })
  async holds(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.wallets.holds(query));
  }

  @Get('entitlements')
  @ApiRead({
    summary: "Every limit of a wallet's plan: allowed, used, remaining and when it resets.",
    reply: EntitlementsReply,
    query: UserQueryDto,
    codes: ['wallet.not_found', 'read.not_caught_up'],
  })
  async entitlements(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    sendJson(reply, await this.wallets.entitlements(query));
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
