import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiCommand } from '../openapi/operations.js';
import {
  CloseWalletReply,
  FreezeWalletReply,
  OpenWalletReply,
  SetThresholdsReply,
  UnfreezeWalletReply,
} from '../openapi/replies-credits.js';
import { CommandGate } from './command-gate.js';
import {
  CloseWalletDto,
  FreezeWalletDto,
  MigrateWalletDto,
  OpenWalletDto,
  SetThresholdsDto,
  UnfreezeWalletDto,
} from './wallets.dto.js';
import { CLOSE, FREEZE, MIGRATE, OPEN, SET_THRESHOLDS, UNFREEZE } from './wallets.routes.js';

const path = { userId: { description: 'User whose wallet it is.', example: 'u-1' } };

@ApiTags('wallets')
@Controller('api/wallets')
export class WalletsController {
  constructor(@Inject(CommandGate) private readonly gate: CommandGate) {}

  @Post()
  @ApiCommand({
    summary: 'Open a wallet; its plan grants the current month at once.',
    body: OpenWalletDto,
    reply: OpenWalletReply,
    codes: ['wallet.already_open', 'plan.not_paid'],
  })
  open(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, OPEN);
  }

  @Post('migrations')
  @ApiCommand({
    summary: 'Open a wallet with what the old system held for the user.',
    body: MigrateWalletDto,
    reply: OpenWalletReply,
    codes: ['wallet.already_open'],
  })
  migrate(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, MIGRATE);
  }

  @Post(':userId/freeze')
  @ApiCommand({
    summary: 'Freeze a wallet: no holds, direct charges or unlocks until it is unfrozen.',
    path,
    body: FreezeWalletDto,
    reply: FreezeWalletReply,
    codes: ['wallet.not_found', 'wallet.closed', 'wallet.frozen'],
  })
  freeze(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, FREEZE);
  }

  @Post(':userId/unfreeze')
  @ApiCommand({
    summary: 'Unfreeze a frozen wallet.',
    path,
    body: UnfreezeWalletDto,
    bodyRequired: false,
    reply: UnfreezeWalletReply,
    codes: ['wallet.not_found', 'wallet.closed'],
  })
  unfreeze(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, UNFREEZE);
  }

  @Post(':userId/close')
  @ApiCommand({
    summary: 'Close a wallet for good; a settle, a chargeback or a dispute won may still come.',
    path,
    body: CloseWalletDto,
    reply: CloseWalletReply,
    codes: ['wallet.not_found', 'wallet.closed', 'wallet.open_holds'],
  })
  close(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, CLOSE);
  }

  @Post(':userId/thresholds')
  @ApiCommand({
    summary: 'Set the low-balance thresholds of a wallet.',
    path,
    body: SetThresholdsDto,
    reply: SetThresholdsReply,
    codes: ['wallet.not_found', 'wallet.closed'],
  })
  thresholds(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, SET_THRESHOLDS);
  }
}
