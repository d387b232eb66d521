import { Inject, Injectable } from '@nestjs/common';
import { type Command, CommandBus } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Envelope } from '#libs/application/envelope.js';
import type { Outcome } from '#libs/application/outcome.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { readIdempotencyKey } from '../http/idempotency-key.js';
import { sendJson } from '../http/send.js';
import { ProblemError, problemOfRefusal } from '../problem/problem.js';
import { sendProblem } from '../problem/problem.filter.js';
import { commandReply } from './reply.js';
import { quoteOf } from '../pricing/quote-of.js';
import { type CommandReader, type EdgeLimits, envelopeOf } from './to-command.js';

/** What is particular to one command: how it is read, what carries it over the bus, what its reply is about. */
export interface CommandRoute<C, E extends LedgerEvent = WalletEvent> {
  readonly read: CommandReader<C>;
  readonly request: new (envelope: Envelope, command: C) => Command<Outcome<E>>;
  /** Members of the reply besides those that every command has: JSON text that begins with a comma, or nothing. */
  readonly about: (events: readonly E[]) => string;
}

/** The way of every single command: key and request read, sent over the bus, outcome answered. */
@Injectable()
export class CommandGate {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(CommandBus) private readonly bus: CommandBus,
  ) {}

  /** What validation needs besides the request. The clock is read here, once for the request. */
  limits(): EdgeLimits {
    // Without authentication there is one caller, on a loopback address, who may do everything.
    return {
      creatorFeeMax: this.deps.creatorFeeMax,
      now: this.deps.clock.now(),
      mayGrant: true,
      quoteOf: (quoteId, userId) => quoteOf(this.deps, quoteId, userId),
    };
  }

  /** @throws ProblemError when the request is malformed, and what the write path throws when there is no outcome */
  async handle<C, E extends LedgerEvent>(
    request: FastifyRequest,
    reply: FastifyReply,
    { read, request: CommandRequest, about }: CommandRoute<C, E>,
  ): Promise<void> {
    const key = readIdempotencyKey(request);
    const asked = read(request, this.limits());
    if (typeof key !== 'string') throw ProblemError.invalid(asked.ok ? [key] : [key, ...asked.error]);
    if (!asked.ok) throw ProblemError.invalid(asked.error);
    const { command, bodyHash } = asked.value;
    const outcome = await this.bus.execute(new CommandRequest(envelopeOf(key, bodyHash), command));
    if (outcome.kind === 'refused') sendProblem(reply, problemOfRefusal(outcome.refusal));
    else sendJson(reply, commandReply(this.deps.store.logId, outcome, about(outcome.events)));
  }
}
