import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { priceRun } from '#libs/ledger/pricing/policy.js';
import type { PricingTerms } from '#libs/ledger/pricing/terms.js';
import { CommandGate } from '../commands/command-gate.js';
import { costText, membersText } from '../commands/reply.js';
import { runErrors } from '../commands/runs.routes.js';
import { creditsOf, tokensOf, withLimits } from '../commands/to-command.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { requireNoQuery } from '../http/query.js';
import { sendJson } from '../http/send.js';
import { ApiQuestion } from '../openapi/operations.js';
import { ProblemError, refusalError } from '../problem/problem.js';
import { compileValidator } from '../validation/compile.js';
import { CalculateCostDto } from './calculate-cost.dto.js';
import { quoteFor } from './quote-of.js';
import { QuoteReply } from './replies.js';

const validate = compileValidator(CalculateCostDto);

@ApiTags('pricing')
@Controller('api/credits')
export class PricingController {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(CommandGate) private readonly gate: CommandGate,
  ) {}

  @Post('calculate-cost')
  @ApiQuestion({
    summary: 'Price of a run, with a quote that a later charge or hold can cite; changes nothing.',
    body: CalculateCostDto,
    reply: QuoteReply,
    codes: ['model.unpriced', 'service.catching_up'],
  })
  calculate(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    requireNoQuery(request.query);
    const limits = this.gate.limits();
    const checked = withLimits(validate, request.body, (dto) => runErrors(dto, limits));
    if (!checked.ok) throw ProblemError.invalid(checked.error);
    const dto = checked.value;
    const terms = this.termsOf(dto.policy, limits.now);
    const cost = priced(dto, terms);
    // A promise is made by the terms in force alone: whoever asks must not choose the policy that charges.
    const quote =
      terms.policy.id === this.termsOf(undefined, limits.now).policy.id
        ? quoteFor(this.deps, terms, { now: limits.now, userId: dto.userId })
        : {};
    sendJson(reply, `${cost.slice(0, -1)}${membersText(quote)}}`);
  }

  private termsOf(policy: string | undefined, t: number): PricingTerms {
    const catalogue = this.deps.catalogue.terms();
    // The DTO lets known policies pass alone.
    return policy === undefined ? catalogue.pricingAt(t) : catalogue.pricingBy(policy, t)!;
  }
}

/** Every component as JSON text. @throws ProblemError when the model has no price */
function priced(dto: CalculateCostDto, terms: PricingTerms): string {
  const { model, userId, creatorId, creatorFee = 0, byok = false } = dto;
  const run = {
    model,
    tokens: tokensOf(dto),
    byok,
    creatorFee: creditsOf(creatorFee),
    ...(userId === undefined ? {} : { payer: userId }),
    ...(creatorId === undefined ? {} : { creatorId }),
  };
  const price = priceRun(run, terms);
  if (price === undefined) throw refusalError({ code: 'model.unpriced', model });
  const { policy, rateCard } = terms;
  return costText({ ...price, policy: policy.id, rateCard: rateCard.id, rateCardVersion: rateCard.version });
}
