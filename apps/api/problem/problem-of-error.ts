import { HttpException } from '@nestjs/common';
import {
  CatchingUpFault,
  CommandTooLargeFault,
  OutcomeUnknownFault,
  OverloadedFault,
} from '#libs/application/outcome.js';
import { StoreUnavailableError } from '#libs/event-store/errors.js';
import { KeyedOutcomeUnknownError } from '#libs/platform/keyed-requests.js';
import { type Problem, ProblemError, problemOf } from './problem.js';

/** The problem document of whatever was thrown while a request was served; undefined for an unexpected fault. */
export function problemOfError(error: unknown): Problem | undefined {
  if (error instanceof ProblemError) return error.problem;
  return problemOfFault(error) ?? problemOfEdge(error);
}

/** What the write path throws when a command has no outcome. */
export function problemOfFault(error: unknown): Problem | undefined {
  if (error instanceof KeyedOutcomeUnknownError) return problemOf('outcome.unknown');
  if (error instanceof OutcomeUnknownFault) return problemOf('outcome.unknown');
  if (error instanceof CatchingUpFault) return problemOf('service.catching_up');
  if (error instanceof OverloadedFault) return problemOf('service.overloaded');
  if (error instanceof StoreUnavailableError) return problemOf('service.overloaded');
  if (error instanceof CommandTooLargeFault) {
    return problemOf('request.too_large', 'The command needs more than one append can hold.');
  }
  return undefined;
}

const invalidBody = (message: string): Problem =>
  problemOf('request.invalid', `body: ${message}`, { errors: [{ field: 'body', message }] });

/** What Fastify and Nest themselves refuse. Nest hands Fastify's errors on as exceptions with their status alone. */
function problemOfEdge(error: unknown): Problem | undefined {
  if (error instanceof HttpException) return problemOfStatus(error.getStatus());
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  // From the router, before Nest is asked.
  switch (error.code) {
    case 'FST_ERR_BAD_URL':
      return problemOf('request.invalid', 'url: is not valid percent-encoded UTF-8', {
        errors: [{ field: 'url', message: 'is not valid percent-encoded UTF-8' }],
      });
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return problemOf('route.not_found');
    default:
      return undefined;
  }
}

function problemOfStatus(status: number): Problem | undefined {
  switch (status) {
    case 400:
      return invalidBody('is not as long as Content-Length says');
    case 404:
      return problemOf('route.not_found');
    case 413:
      return problemOf('request.too_large', 'The body is larger than this route accepts.');
    case 415:
      return problemOf('request.media_type', 'Send Content-Type: application/json.');
    default:
      return undefined;
  }
}
