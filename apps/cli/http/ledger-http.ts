import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';

export interface Reply {
  readonly status: number;
  /** Parsed JSON; undefined when the body is none. */
  readonly body: unknown;
  /** What `Retry-After` asks for. */
  readonly retryAfterMs?: number;
}

/** The connection failed before the whole reply was there: whether the command took effect is unknown. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
  constructor(
    message: string,
    /** Nothing listens at the address. */
    readonly refused: boolean,
  ) {
    super(message);
  }
}

export interface LedgerRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  /** Silence after which the connection counts as lost. Default 60 s. */
  readonly timeoutMs?: number;
}

/** Statuses that pass by themselves: the same request under the same key may be sent again. */
export const isTransient = (status: number): boolean => [408, 429, 500, 502, 503, 504].includes(status);

const REQUEST_TIMEOUT_MS = 60_000;
const SECOND_MS = 1_000;

interface Opening {
  readonly method: string;
  readonly path: string;
  readonly payload: Buffer | undefined;
  readonly headers: Record<string, string | number>;
  readonly timeoutMs: number;
}

/** JSON over a few kept-alive connections to one ledger. */
export class LedgerHttp {
  private readonly base: URL;
  private readonly agent: Agent;

  constructor(
    readonly url: string,
    { connections }: { readonly connections: number },
  ) {
    this.base = new URL(url.endsWith('/') ? url : `${url}/`);
    const options = { keepAlive: true, maxSockets: connections };
    this.agent = this.base.protocol === 'https:' ? new TlsAgent(options) : new Agent(options);
  }

  /** @throws ConnectionLostError */
  async send({ method, path, body, idempotencyKey, timeoutMs }: LedgerRequest): Promise<Reply> {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      accept: 'application/json',
      ...(payload === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': payload.length }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    };
    const response = await this.open({
      method,
      path,
      payload,
      headers,
      timeoutMs: timeoutMs ?? REQUEST_TIMEOUT_MS,
    });
    const status = response.statusCode ?? 0;
    const text = await readText(response);
    const retryAfter = Number(response.headers['retry-after']);
    return {
      status,
      body: parseJson(text),
      ...(Number.isFinite(retryAfter) && retryAfter >= 0 ? { retryAfterMs: retryAfter * SECOND_MS } : {}),
    };
  }

  close(): void {
    this.agent.destroy();
  }

  private open({ method, path, payload, headers, timeoutMs }: Opening): Promise<IncomingMessage> {
    const send = this.base.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const request = send(
        new URL(path.replace(/^\//, ''), this.base),
        { method, headers, agent: this.agent, timeout: timeoutMs },
        resolve,
      );
      request.once('timeout', () => request.destroy(new Error(`no reply for ${timeoutMs / SECOND_MS} s`)));
      request.once('error', (error) => reject(connectionLost(error)));
      request.end(payload);
    });
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  try {
    const pieces: Buffer[] = [];
    for await (const piece of response) pieces.push(piece as Buffer);
    if (!response.complete) throw new Error('the reply was cut off');
    return Buffer.concat(pieces).toString('utf8');
  } catch (error) {
    throw connectionLost(error as Error);
  }
}

function connectionLost(error: NodeJS.ErrnoException): ConnectionLostError {
  // A name with several addresses fails with one error for each.
  const causes = error instanceof AggregateError ? (error.errors as NodeJS.ErrnoException[]) : [error];
  const message = error.message || causes.map((cause) => cause.message).join('; ');
  return new ConnectionLostError(
    message,
    causes.some(({ code }) => code === 'ECONNREFUSED' || code === 'ENOTFOUND'),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
