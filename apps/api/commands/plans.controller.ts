import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiCommand } from '../openapi/operations.js';
import { CancelPlanChangeReply, ChangePlanReply, PaySubscriptionReply } from '../openapi/replies-plans.js';
import { CommandGate } from './command-gate.js';
import { CancelPlanChangeDto, ChangePlanDto, PaySubscriptionDto } from './plans.dto.js';
import { CANCEL_CHANGE, CHANGE, PAY } from './plans.routes.js';

/** The plan of one user; what plans there are is part of the catalogue. */
@ApiTags('plans')
@Controller('api/plans')
export class PlanChangesController {
  constructor(@Inject(CommandGate) private readonly gate: CommandGate) {}

  @Post('change')
  @ApiCommand({
    summary: 'Change the plan of a user: up at once, down when the period ends.',
    body: ChangePlanDto,
    reply: ChangePlanReply,
    codes: ['wallet.not_found', 'wallet.closed', 'plan.not_paid'],
  })
  change(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, CHANGE);
  }

  @Post('change/cancel')
  @ApiCommand({
    summary: 'Call off a change of plan that is scheduled.',
    body: CancelPlanChangeDto,
    reply: CancelPlanChangeReply,
    codes: ['wallet.not_found', 'wallet.closed', 'plan.change_not_scheduled'],
  })
  cancel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, CANCEL_CHANGE);
  }

  @Post('subscription-payments')
  @ApiCommand({
    summary: 'Record that a paid plan was paid for a span of time.',
    body: PaySubscriptionDto,
    reply: PaySubscriptionReply,
    codes: ['wallet.not_found', 'wallet.closed', 'payment.already_credited'],
  })
  pay(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, PAY);
  }
}
