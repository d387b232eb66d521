import { Inject, Injectable } from '@nestjs/common';
import { type Command, CommandBus } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WalletOutcome } from '#libs/application/commands/commands.js';
import type { Envelope } from '#libs/application/envelope.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { readIdempotencyKey } from '../http/idempotency-key.js';
import { sendJson } from '../http/send.js';
import { ProblemError, problemOfRefusal } from '../problem/problem.js';
import { sendProblem } from '../problem/problem.filter.js';
import { commandReply } from './reply.js';
import { type BodyReader, type EdgeLimits, envelopeOf } from './to-command.js';

/** The way of every single command: key and body read, sent over the bus, outcome answered. */
@Injectable()
export class CommandGate {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(CommandBus) private readonly bus: CommandBus,
  ) {}

  /** What validation needs besides the body. The clock is read here, once for the request. */
  limits(): EdgeLimits {
    return { creatorFeeMax: this.deps.creatorFeeMax, now: this.deps.clock.now() };
  }

  async handle<C extends WalletCommand>(
    request: FastifyRequest,
    reply: FastifyReply,
    read: BodyReader<C>,
    wrap: (envelope: Envelope, command: C) => Command<WalletOutcome>,
  ): Promise<void> {
    const key = readIdempotencyKey(request);
    const body = read(request.body, this.limits());
    if (typeof key !== 'string') throw ProblemError.invalid(body.ok ? [key] : [key, ...body.error]);
    if (!body.ok) throw ProblemError.invalid(body.error);
    const { command, bodyHash } = body.value;
    const outcome = await this.bus.execute(wrap(envelopeOf(key, bodyHash), command));
    if (outcome.kind === 'refused') sendProblem(reply, problemOfRefusal(outcome.refusal));
    else sendJson(reply, commandReply(this.deps.store.logId, outcome));
  }
}
