import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProviderNotices } from '#libs/payouts/notices.js';
import { readStripeWebhook } from '#libs/payouts/stripe/webhook.js';
import { STRIPE } from '#libs/payouts/accepts.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { requireNoQuery } from '../http/query.js';
import { sendJson } from '../http/send.js';
import { Problems } from '../openapi/operations.js';
import { ProblemError } from '../problem/problem.js';
import { ReceivedReply } from './replies.js';

/**
 * What Stripe tells: kept once under Stripe's own id of the telling and acted on by the payout worker, so that it is
 * answered at once and a repetition changes nothing.
 */
@ApiTags('payouts')
@Controller('api/payouts/webhooks')
export class StripeWebhookController {
  private readonly notices: ProviderNotices;

  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {
    this.notices = new ProviderNotices(deps.database);
  }

  @Post('stripe')
  @ApiOperation({ summary: 'For Stripe: transfers and payouts of connected accounts, by their signature.' })
  @ApiHeader({
    name: 'Stripe-Signature',
    required: true,
    description: 'Of the body as it is sent, by STRIPE_CONNECT_WEBHOOK_SECRET, at most 5 minutes old.',
    example: 't=1763654400,v1=5f0c1a2b',
  })
  @ApiBody({ schema: { type: 'object', description: 'An event of Stripe.' } })
  @ApiOkResponse({ type: ReceivedReply, description: 'Kept, now or before, or of no concern.' })
  @Problems(['request.invalid', 'request.too_large', 'request.media_type', 'auth.missing'])
  async receive(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    requireNoQuery(request.query);
    const { webhookSecrets: secrets, livemode } = this.deps.payouts;
    if (secrets.length === 0) {
      throw new ProblemError(
        'auth.missing',
        'STRIPE_CONNECT_WEBHOOK_SECRET is not set: nothing is believed.',
      );
    }
    const signature = request.headers['stripe-signature'];
    const webhook =
      typeof signature === 'string' && Buffer.isBuffer(request.body)
        ? readStripeWebhook({ body: request.body, signature, secrets, now: this.deps.clock.now() })
        : undefined;
    if (webhook === undefined) {
      throw new ProblemError('auth.missing', 'The signature is missing, wrong, or older than 5 minutes.');
    }
    if (livemode !== undefined && webhook.livemode !== livemode) {
      const message = `is ${webhook.livemode}, but STRIPE_SECRET_KEY is a ${livemode ? 'live' : 'test'} key`;
      throw ProblemError.invalid([{ field: 'livemode', message }]);
    }
    const { id, type, notice } = webhook;
    if (notice !== undefined) await this.notices.keep({ provider: STRIPE, id, type, notice });
    sendJson(reply, '{"received":true}');
  }
}
