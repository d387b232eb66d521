import {
  UnavailableError,
  NotLeaderError,
  AccessDeniedError,
  StreamDeletedError,
} from '@eventstore/db-client';
import { convertToCommandError } from '@eventstore/db-client/dist/utils/CommandError.js';

/** gRPC status codes that say something about the connection or the server, not about the request. */
const CANCELLED = 1;
const UNKNOWN = 2;
const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
const ABORTED = 10;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const PASSING = new Set([
  CANCELLED,
  UNKNOWN,
  DEADLINE_EXCEEDED,
  RESOURCE_EXHAUSTED,
  ABORTED,
  INTERNAL,
  UNAVAILABLE,
]);

const INVALID_ARGUMENT = 3;
const UNIMPLEMENTED = 12;
const REFUSED = new Set([INVALID_ARGUMENT, UNIMPLEMENTED]);

/**
 * What gRPC says of a call that never left this process, and the server of one that it did not look at. All else that
 * goes wrong with an append leaves its outcome open.
 */
const NEVER_SENT =
  /^(\d+ \w+: )?(No connection established|Channel closed before call started|Name resolution failed|Server Is Not Ready)|Waiting for LB pick/;

/** The read took longer than this process waits. */
export class ReadTimeoutError extends Error {
  override readonly name = 'ReadTimeoutError';
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
  }
}

/** The server ended a read before it had given all there is. */
export class ReadCutShortError extends Error {
  override readonly name = 'ReadCutShortError';
  constructor() {
    super('the server ended a read of the log before its end');
  }
}

/** As the client names it. Anything that is not an answer of gRPC stays what it is. */
export function named(error: unknown): Error {
  const known = error instanceof Error ? error : new Error(String(error));
  return convertToCommandError(known);
}

/** The server refused, or the request never reached it: nothing was written. `undefined` when that is not sure. */
export function surelyNotWritten(cause: Error): string | undefined {
  if (cause instanceof NotLeaderError) return 'the node asked is not the leader of its cluster';
  if (cause instanceof AccessDeniedError) {
    return 'the credentials in EVENTSTORE_URL may not do this: check user, password and access rights';
  }
  if (cause instanceof StreamDeletedError) {
    return `stream ${cause.streamName} was deleted for good on the server: restore the log from a backup`;
  }
  if (cause instanceof UnavailableError && NEVER_SENT.test(cause.message)) return cause.message;
  // Discovery found nobody to send to.
  if (/^Failed to discover/.test(cause.message)) return cause.message;
  return undefined;
}

/** The server called the request wrong, and wrote nothing: a fault of the program, not to be repeated. */
export function isRefusal(error: Error): boolean {
  return 'code' in error && typeof error.code === 'number' && REFUSED.has(error.code);
}

/** A read or subscription that failed so may be repeated: the connection or the server failed, not the request. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ReadTimeoutError || error instanceof ReadCutShortError) return true;
  if (error instanceof NotLeaderError) return true;
  if (!(error instanceof Error) || error instanceof AccessDeniedError) return false;
  if (/^Failed to discover/.test(error.message)) return true;
  return 'code' in error && typeof error.code === 'number' && PASSING.has(error.code);
}
