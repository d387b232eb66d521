import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BODY_BYTES_MAX, BULK_BODY_BYTES_MAX, BULK_PATH, STRIPE_WEBHOOK_PATH } from '../commands/limits.js';
import { ProblemError, type Problem, PROBLEM_MEDIA_TYPE, problemOf } from '../problem/problem.js';
import type { ProblemFilter } from '../problem/problem.filter.js';
import { drainOnClose } from './drain.js';
import { parseJsonBody } from './json-body.js';

/** Longer than any id, so that a bad one is refused by name of field and not as an unknown route. */
const PARAM_LENGTH_MAX = 4_096;
/** Time for a client to send its whole request, ms: the bulk's body over a slow line, but not for ever. */
const REQUEST_TIMEOUT_MS = 60_000;

/** Fastify as this interface wants it: own JSON reader, own limits, every error a problem document. */
export function fastifyAdapter(problems: ProblemFilter): FastifyAdapter {
  const adapter = new FastifyAdapter({
    logger: false,
    // No Nest middleware is used: its layer would cost every request.
    skipMiddie: true,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // While closing, what still comes over an open connection is answered like any other and the connection then ends.
    return503OnClosing: false,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    // What the router refuses before there is a route, for example broken percent-encoding.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      problems.answer(error, request, reply),
    clientErrorHandler: answerBrokenRequest,
  });
  const instance = adapter.getInstance<FastifyInstance>();
  instance.addHook('onRoute', (route) => {
    if (route.url === BULK_PATH) route.bodyLimit = BULK_BODY_BYTES_MAX;
  });
  drainOnClose(instance);
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      requirePlainUtf8(request);
      done(null, request.routeOptions.url === STRIPE_WEBHOOK_PATH ? body : parseJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  return adapter;
}

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;

/** @throws ProblemError `request.media_type` for another charset or a compressed body */
function requirePlainUtf8({ headers }: FastifyRequest): void {
  const charset = CHARSET.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  const encoding = headers['content-encoding'] ?? 'identity';
  if (!/^utf-?8$/i.test(charset) || encoding.toLowerCase() !== 'identity') {
    throw new ProblemError('request.media_type', 'Send the body uncompressed and in UTF-8.');
  }
}

/** Answers what is no HTTP request, or one with too many headers: there is no request object for it. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const message = 'is not a well-formed HTTP request';
  const problem = tooLarge
    ? problemOf('request.too_large', 'The headers are larger than 16 KiB.')
    : problemOf('request.invalid', `request: ${message}`, { errors: [{ field: 'request', message }] });
  socket.end(rawResponse(problem));
}

function rawResponse(problem: Problem): string {
  const body = JSON.stringify(problem);
  return (
    `HTTP/1.1 ${problem.status} ${problem.code}\r\ncontent-type: ${PROBLEM_MEDIA_TYPE}\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
  );
}
