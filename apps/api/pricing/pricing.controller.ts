import { Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { priceRun } from '#libs/ledger/pricing/policy.js';
import { type RateCard, ratesOf } from '#libs/ledger/pricing/rate-card.js';
import { costText } from '../commands/reply.js';
import { creditsOf, feeErrors, tokensOf, withLimits } from '../commands/to-command.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { sendJson } from '../http/send.js';
import { ApiQuestion, ApiRead } from '../openapi/operations.js';
import { ModelsReply } from '../openapi/read-replies.js';
import { CostReply } from '../openapi/replies.js';
import { ProblemError, refusalError } from '../problem/problem.js';
import { compileValidator } from '../validation/compile.js';
import { CalculateCostDto } from './calculate-cost.dto.js';
import { requireNoQuery } from '../http/query.js';

const validate = compileValidator(CalculateCostDto);

@ApiTags('pricing')
@Controller('api')
export class PricingController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Post('credits/calculate-cost')
  @ApiQuestion({
    summary: 'Price of a run; changes nothing.',
    body: CalculateCostDto,
    reply: CostReply,
    codes: ['model.unpriced'],
  })
  calculate(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const checked = withLimits(validate, request.body, (dto) =>
      feeErrors('creatorFee', dto.creatorFee, this.deps),
    );
    if (!checked.ok) throw ProblemError.invalid(checked.error);
    const { userId, creatorId, creatorFee = 0, byok = false, ...dto } = checked.value;
    const { pricing } = this.deps.terms;
    const price = priceRun(
      {
        model: dto.model,
        tokens: tokensOf(dto),
        byok,
        creatorFee: creditsOf(creatorFee),
        ...(userId === undefined ? {} : { payer: userId }),
        ...(creatorId === undefined ? {} : { creatorId }),
      },
      pricing,
    );
    if (price === undefined) throw refusalError({ code: 'model.unpriced', model: dto.model });
    const { policy, rateCard } = pricing;
    sendJson(
      reply,
      costText({ ...price, policy: policy.id, rateCard: rateCard.id, rateCardVersion: rateCard.version }),
    );
  }

  @Get('models')
  @ApiRead({
    summary: 'Models that have a price, with their rates in credits per 1,000,000 tokens.',
    reply: ModelsReply,
    codes: [],
  })
  models(@Query() query: unknown, @Res() reply: FastifyReply): void {
    requireNoQuery(query);
    const { rateCard, policy } = this.deps.terms.pricing;
    sendJson(
      reply,
      JSON.stringify({
        rateCard: {
          id: rateCard.id,
          version: rateCard.version,
          effectiveFrom: new Date(rateCard.effectiveFrom).toISOString(),
        },
        policy: policy.id,
        models: modelsOf(rateCard),
      }),
    );
  }
}

function modelsOf(card: RateCard): readonly object[] {
  const names = [...card.models.keys(), ...card.aliases.keys()].sort();
  return names.map((model) => {
    const rates = ratesOf(card, model)!;
    const aliasOf = card.models.has(model) ? undefined : card.aliases.get(model);
    return {
      model,
      ...(aliasOf === undefined ? {} : { aliasOf }),
      input: rates.input.toString(),
      output: rates.output.toString(),
      // A bucket without a rate is priced as input.
      cachedInput: (rates.cacheRead ?? rates.input).toString(),
      cacheWrite: (rates.cacheWrite ?? rates.input).toString(),
    };
  });
}
