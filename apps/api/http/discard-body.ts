import type { IncomingMessage } from 'node:http';

export interface DiscardLimits {
  readonly bytesMax: number;
  readonly waitMsMax: number;
}

/** Four times the largest body that is taken, and as long as a person would wait for a refusal. */
const LIMITS: DiscardLimits = { bytesMax: 64 * 1024 * 1024, waitMsMax: 5_000 };

/**
 * Calls back when the rest of a request that is refused was read and thrown away, or is more than one should wait for.
 * A connection that is closed while its client still sends is reset, and the client then sees no answer at all.
 */
export function discardBody(
  request: IncomingMessage,
  done: () => void,
  { bytesMax, waitMsMax }: DiscardLimits = LIMITS,
): void {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (request.complete || request.destroyed || announced > bytesMax) return done();
  let bytes = 0;
  const finish = (): void => {
    clearTimeout(timer);
    request.off('data', count).off('end', finish).off('close', finish).off('error', finish);
    request.resume();
    done();
  };
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > bytesMax) finish();
  };
  const timer = setTimeout(finish, waitMsMax);
  request.on('data', count).on('end', finish).on('close', finish).on('error', finish);
}
