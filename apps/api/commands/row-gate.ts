import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ClientBase } from 'pg';
import type { Result } from '#libs/kernel/result.js';
import { onceForKey } from '#libs/platform/keyed-requests.js';
import { API_DEPS, type ApiDeps, LOCAL_PRINCIPAL } from '../deps.js';
import { readIdempotencyKey } from '../http/idempotency-key.js';
import { sendJson } from '../http/send.js';
import { ProblemError } from '../problem/problem.js';
import { CommandGate } from './command-gate.js';
import type { CommandReader, ReadCommand } from './to-command.js';

/** A command whose effect is rows, not events: how it is read, what its key is scoped to, what it does. */
export interface RowRoute<C> {
  readonly read: CommandReader<C>;
  /** What the key belongs to beside the caller, for example `webhooks:u-1`. */
  readonly scope: (command: C) => string;
  /** Writes within the transaction that remembers the key. Members of the reply, or why it is refused. */
  readonly run: (command: C, tx: ClientBase, now: number) => Promise<Result<object, ProblemError>>;
  /** What is added to the reply, also to that of a repeat, and never kept with the key: secrets. */
  readonly reveal?: (reply: Readonly<Record<string, unknown>>) => Promise<object>;
}

/** The way of commands whose effect is rows: the same promises for keys as `CommandGate`, kept in Postgres. */
@Injectable()
export class RowGate {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(CommandGate) private readonly gate: CommandGate,
  ) {}

  /** @throws ProblemError when the request is malformed or refused */
  async handle<C>(request: FastifyRequest, reply: FastifyReply, route: RowRoute<C>): Promise<void> {
    const { key, asked } = this.keyed(request, route.read);
    const { command, bodyHash } = asked;
    const { database, clock } = this.deps;
    const scope = route.scope(command);
    const outcome = await onceForKey<ProblemError>(
      database,
      { principal: LOCAL_PRINCIPAL, scope, key, bodyHash },
      async (tx) => {
        const result = await route.run(command, tx, clock.now());
        return result.ok ? { ok: true, value: JSON.stringify(result.value) } : result;
      },
    );
    if (outcome.kind === 'refused') throw outcome.refusal;
    if (outcome.kind === 'reused') throw new ProblemError('request.id_reused');
    const said = JSON.parse(outcome.reply) as Readonly<Record<string, unknown>>;
    const revealed = (await route.reveal?.(said)) ?? {};
    sendJson(reply, JSON.stringify({ replayed: outcome.replayed, ...said, ...revealed }));
  }

  /** The key and what is asked for; all that is wrong with either is reported together. */
  keyed<C>(
    request: FastifyRequest,
    read: CommandReader<C>,
  ): { readonly key: string; readonly asked: ReadCommand<C> } {
    const key = readIdempotencyKey(request);
    const asked = read(request, this.gate.limits());
    if (typeof key !== 'string') throw ProblemError.invalid(asked.ok ? [key] : [key, ...asked.error]);
    if (!asked.ok) throw ProblemError.invalid(asked.error);
    return { key, asked: asked.value };
  }

  /** Of a command that needs no key, since repeating it changes nothing more. */
  unkeyed<C>(request: FastifyRequest, read: CommandReader<C>): C {
    const asked = read(request, this.gate.limits());
    if (!asked.ok) throw ProblemError.invalid(asked.error);
    return asked.value.command;
  }
}
