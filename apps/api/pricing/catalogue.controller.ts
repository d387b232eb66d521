import { Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Catalogue } from '#libs/ledger/catalogue/catalogue.js';
import { CommandGate } from '../commands/command-gate.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { requireNoQuery } from '../http/query.js';
import { sendJson } from '../http/send.js';
import { ApiCommand, ApiRead } from '../openapi/operations.js';
import { modelsText, planTablesText, rateCardsText } from './catalogue-text.js';
import { PublishPlansDto } from './plan-tables.dto.js';
import { PUBLISH_PLANS } from './plan-tables.routes.js';
import { ActivatePolicyDto, PublishRateCardDto } from './rate-cards.dto.js';
import { ACTIVATE_POLICY, PUBLISH_RATE_CARD } from './rate-cards.routes.js';
import {
  ActivatePolicyReply,
  PlanTablesReply,
  PricedModelsReply,
  PublishPlansReply,
  PublishRateCardReply,
  RateCardsReply,
} from './replies.js';

/** Rate cards, pricing policies and plan tables: shown to everybody, published in versions. */
@ApiTags('catalogue')
@Controller('api')
export class CatalogueController {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(CommandGate) private readonly gate: CommandGate,
  ) {}

  @Get('models')
  @ApiRead({
    summary: 'Models that have a price, with their rates in credits per 1,000,000 tokens.',
    reply: PricedModelsReply,
    codes: [],
  })
  models(@Query() query: unknown, @Res() reply: FastifyReply): void {
    this.show(query, reply, modelsText);
  }

  @Get('rate-cards')
  @ApiRead({
    summary: 'All rate cards and pricing policies, every version, and which of them price runs now.',
    reply: RateCardsReply,
    codes: [],
  })
  rateCards(@Query() query: unknown, @Res() reply: FastifyReply): void {
    this.show(query, reply, rateCardsText);
  }

  @Post('rate-cards')
  @ApiCommand({
    summary: 'Publish the next version of a rate card, or a new card.',
    body: PublishRateCardDto,
    reply: PublishRateCardReply,
    codes: [],
  })
  publishRateCard(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, PUBLISH_RATE_CARD);
  }

  @Post('pricing/policies')
  @ApiCommand({
    summary: 'Price runs by a policy over a rate card, from a moment on.',
    body: ActivatePolicyDto,
    reply: ActivatePolicyReply,
    codes: ['ratecard.not_found'],
  })
  activatePolicy(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, ACTIVATE_POLICY);
  }

  @Get('plans')
  @ApiRead({
    summary: 'The four plans: the table in force and those to come.',
    reply: PlanTablesReply,
    codes: [],
  })
  plans(@Query() query: unknown, @Res() reply: FastifyReply): void {
    this.show(query, reply, planTablesText);
  }

  @Post('plans')
  @ApiCommand({
    summary: 'Publish the next version of a plan table, or a new table.',
    body: PublishPlansDto,
    reply: PublishPlansReply,
    codes: [],
  })
  publishPlans(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.gate.handle(request, reply, PUBLISH_PLANS);
  }

  private show(query: unknown, reply: FastifyReply, text: (catalogue: Catalogue, t: number) => string): void {
    requireNoQuery(query);
    sendJson(reply, text(this.deps.catalogue.current(), this.deps.clock.now()));
  }
}
