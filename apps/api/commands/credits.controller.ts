import { Readable } from 'node:stream';
import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AddCredits, ChargePrompt } from '#libs/application/commands/commands.js';
import { ApiCommand, ApiBulk } from '../openapi/operations.js';
import { AddCreditsReply, ChargePromptReply } from '../openapi/replies.js';
import { AddCreditsDto } from './add-credits.dto.js';
import { BulkCharges } from './bulk.js';
import { ChargePromptDto } from './charge-prompt.dto.js';
import { CommandGate } from './command-gate.js';
import { readAddCredits, readChargePrompt } from './to-command.js';

@ApiTags('credits')
@Controller('api/credits')
export class CreditsController {
  constructor(
    @Inject(CommandGate) private readonly gate: CommandGate,
    @Inject(BulkCharges) private readonly bulk: BulkCharges,
  ) {}

  @Post('add')
  @ApiCommand({
    summary: 'Add purchased, promotional or adjusting credits to a wallet.',
    body: AddCreditsDto,
    reply: AddCreditsReply,
    codes: ['wallet.not_found', 'payment.already_credited'],
  })
  add(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, readAddCredits, (env, command) => new AddCredits(env, command));
  }

  @Post('charge-prompt')
  @ApiCommand({
    summary: 'Charge one prompt run.',
    body: ChargePromptDto,
    reply: ChargePromptReply,
    codes: ['wallet.not_found', 'run.already_charged', 'model.unpriced', 'wallet.insufficient_credits'],
  })
  charge(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(
      request,
      reply,
      readChargePrompt,
      (env, command) => new ChargePrompt(env, command),
    );
  }

  @Post('charge-prompts')
  @ApiBulk()
  async chargeMany(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const text = await this.bulk.charge(request.body);
    reply.code(200).header('content-type', 'application/json; charset=utf-8').send(Readable.from(text));
  }
}
