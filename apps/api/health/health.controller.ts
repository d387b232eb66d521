import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { LiveReply, ReadyReply } from '../openapi/read-replies.js';
import { Readiness } from './readiness.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  readonly readiness: Readiness;

  constructor(@Inject(API_DEPS) deps: ApiDeps) {
    this.readiness = new Readiness(deps);
  }

  @Get('live')
  @ApiOperation({ summary: 'The process answers.' })
  @ApiOkResponse({ type: LiveReply })
  live(@Res() reply: FastifyReply): void {
    reply.code(200).send({ status: 'alive' });
  }

  @Get('ready')
  @ApiOperation({ summary: 'The store answers, the clocks agree; how far the read models are.' })
  @ApiOkResponse({ type: ReadyReply })
  @ApiServiceUnavailableResponse({ type: ReadyReply, description: 'Not ready; problems says why.' })
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const answer = await this.readiness.ask();
    reply.code(answer.status === 'ready' ? 200 : 503).send(answer);
  }
}
