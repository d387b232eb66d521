import { randomUUID } from 'node:crypto';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiLogger } from '../deps.js';
import { discardBody } from '../http/discard-body.js';
import { RETRY_AFTER_SECONDS } from './codes.js';
import { problemOfError } from './problem-of-error.js';
import { type Problem, PROBLEM_MEDIA_TYPE, problemOf } from './problem.js';

/** Every answer that is not a result leaves through here, as a problem document. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger: ApiLogger;

  constructor(logger: ApiLogger) {
    this.#logger = logger;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = problemOfError(error) ?? this.#unexpected(error, request);
    if (problem.code === 'request.too_large') discardBody(request.raw, () => sendProblem(reply, problem));
    else sendProblem(reply, problem);
  }

  /** Says nothing about the fault itself; the correlation id leads to the log line that does. */
  #unexpected(error: unknown, request: FastifyRequest): Problem {
    const correlationId = randomUUID();
    this.#logger.error(
      { err: error, correlationId, method: request.method, route: request.routeOptions?.url },
      'unexpected fault while serving a request',
    );
    return problemOf('internal.error', undefined, { correlationId });
  }
}

export function sendProblem(reply: FastifyReply, problem: Problem): void {
  const retryAfter = RETRY_AFTER_SECONDS[problem.code];
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  reply.code(problem.status).header('content-type', PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
}
