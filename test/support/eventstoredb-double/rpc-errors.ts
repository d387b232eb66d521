import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import type { Expected } from './log-event.js';

export const NOT_READY = 'Server Is Not Ready';
const ANY = -2n;
const NO_STREAM = -1n;
const STREAM_EXISTS = -4n;

/** An error as a call ends with it: the client tells kinds apart by the metadata `exception`. */
export type RpcError = Pick<StatusObject, 'code' | 'details' | 'metadata'>;

export class RpcFailure extends Error implements RpcError {
  constructor(
    readonly code: status,
    readonly details: string,
    readonly metadata = new Metadata(),
  ) {
    super(details);
  }
}

export function streamDeleted(stream: string): RpcFailure {
  return new RpcFailure(
    status.FAILED_PRECONDITION,
    `Event stream '${stream}' is deleted.`,
    trailers({ exception: 'stream-deleted', 'stream-name': stream }),
  );
}

export function tooLarge(limit: number): RpcFailure {
  return new RpcFailure(
    status.INVALID_ARGUMENT,
    `Maximum Append Size of ${limit} Exceeded.`,
    trailers({ exception: 'maximum-append-size-exceeded', 'maximum-append-size': String(limit) }),
  );
}

/** For delete and tombstone, where a conflict is an error; an append answers it in a message. */
export function wrongExpectedVersion(
  stream: string,
  versions: { expected: Expected; actual: bigint | 'no_stream' },
): RpcFailure {
  const { expected, actual } = versions;
  return new RpcFailure(
    status.FAILED_PRECONDITION,
    `Append failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${numberOf(expected)}`,
    trailers({
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': String(numberOf(expected)),
      ...(actual === 'no_stream' ? {} : { 'actual-version': String(actual) }),
    }),
  );
}

export const notReady = (): RpcFailure => new RpcFailure(status.UNAVAILABLE, NOT_READY);

/** What a server of its kind says of a request that it could not make sense of. */
export const handlerThrew = (): RpcFailure =>
  new RpcFailure(status.UNKNOWN, 'Exception was thrown by handler.');

/** Of a live subscriber that does not keep up; the client makes a TimeoutError of its code. */
export const tooSlow = (): RpcFailure =>
  new RpcFailure(status.ABORTED, 'Operation timed out: Consumer too slow to handle event while live.');

function numberOf(expected: Expected): bigint {
  if (expected === 'any') return ANY;
  if (expected === 'no_stream') return NO_STREAM;
  return expected === 'stream_exists' ? STREAM_EXISTS : expected;
}

function trailers(values: Record<string, string>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(values)) {
    // A header takes only printable ASCII; a name beyond it goes as its percent-encoding.
    metadata.set(key, /[^ -~]/.test(value) ? encodeURIComponent(value) : value);
  }
  return metadata;
}
