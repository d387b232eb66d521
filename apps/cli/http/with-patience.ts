import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../failure.js';
import {
  ConnectionLostError,
  isTransient,
  type LedgerHttp,
  type LedgerRequest,
  type Reply,
} from './ledger-http.js';

export interface Patience {
  /** Give up when nothing but failures came for this long. */
  readonly patienceMs: number;
  /** Told before each wait, for the user. */
  readonly onWait?: (reason: string) => void;
  readonly signal?: AbortSignal;
}

export const PATIENCE_MS = 60_000;
const DELAY_MS_MIN = 100;
const DELAY_MS_MAX = 2_000;
const RETRY_AFTER_MS_MAX = 10_000;

/** Waits that grow from try to try, until patience ends. One for each piece of work; progress starts it afresh. */
export class BackOff {
  private startedAt: number | undefined;
  private delayMs = DELAY_MS_MIN;

  constructor(
    private readonly url: string,
    private readonly patience: Patience,
  ) {}

  progress(): void {
    this.startedAt = undefined;
    this.delayMs = DELAY_MS_MIN;
  }

  /** @throws CliError when patience has ended, naming how to go on. */
  async wait(reason: string, atLeastMs = 0): Promise<void> {
    const now = performance.now();
    this.startedAt ??= now;
    const { patienceMs, onWait, signal } = this.patience;
    if (now - this.startedAt >= patienceMs) {
      throw new CliError(
        `The ledger at ${this.url} has not taken a request for ${Math.round(patienceMs / 1000)} s (${reason}). ` +
          'Run the same command again when it does: nothing is charged twice.',
      );
    }
    onWait?.(reason);
    const jitter = 0.5 + Math.random() / 2;
    await sleep(Math.max(this.delayMs * jitter, Math.min(atLeastMs, RETRY_AFTER_MS_MAX)), undefined, {
      ...(signal === undefined ? {} : { signal }),
    });
    this.delayMs = Math.min(2 * this.delayMs, DELAY_MS_MAX);
  }
}

/**
 * Sends a request until it has an outcome, the same key each time: overload, a restart of the server and lost
 * connections are waited out. Returns any reply that is not transient.
 * @throws CliError when patience has ended
 */
export async function sendPatiently(
  http: LedgerHttp,
  request: LedgerRequest,
  patience: Patience,
): Promise<Reply> {
  const backOff = new BackOff(http.url, patience);
  for (;;) {
    patience.signal?.throwIfAborted();
    try {
      const reply = await http.send(request);
      if (!isTransient(reply.status)) return reply;
      await backOff.wait(problemText(reply), reply.retryAfterMs);
    } catch (error) {
      if (!(error instanceof ConnectionLostError)) throw error;
      await backOff.wait(error.message);
    }
  }
}

/** Code and detail of a problem document, or at least the status. */
export function problemText({ status, body }: Reply): string {
  const { code, detail } = (body ?? {}) as { readonly code?: unknown; readonly detail?: unknown };
  if (typeof code !== 'string') return `HTTP status ${status}`;
  return typeof detail === 'string' ? `${code}: ${detail}` : code;
}

export function problemCode({ body }: Reply): string | undefined {
  const { code } = (body ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
