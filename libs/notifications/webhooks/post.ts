import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { publicLookup, PrivateAddressError } from './address.js';
import type { Target } from './target.js';

/** How long a receiver may take, from the look-up of its name to the end of its answer. */
export const WEBHOOK_TIMEOUT_MS = 15_000;
/** An answer is only a receipt; one that is longer is cut off. */
const ANSWER_BYTES_MAX = 64 * 1024;
const RETRY_AFTER_S_MAX = 24 * 60 * 60;

export interface Posted {
  /** HTTP status; undefined when there was no answer. */
  readonly status?: number;
  /** Milliseconds that the receiver asks to be left alone. */
  readonly retryAfterMs?: number;
  /** Why there was no answer: a word, never an address or what the receiver has said. */
  readonly fault?: string;
}

export interface PostOptions {
  readonly target: Target;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs?: number;
  /** Default: Node's own, which must find public addresses alone. */
  readonly lookup?: LookupFunction;
}

/**
 * Sends one POST, by a connection of its own: never through a proxy, never along a redirect. Resolves in any case; what
 * failed is said in `fault`.
 */
export async function postWebhook(options: PostOptions): Promise<Posted> {
  const { timeoutMs = WEBHOOK_TIMEOUT_MS } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await send(options, timeout);
    const posted = { status: answer.statusCode!, ...retryAfterOf(answer) };
    await drain(answer);
    return posted;
  } catch (error) {
    return { fault: timeout.aborted ? 'timeout' : faultOf(error) };
  }
}

function send({ target, headers, body, lookup }: PostOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const bytes = Buffer.from(body);
  const request = target.url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sending = request(target.url, {
      method: 'POST',
      // No connection is kept: what was judged is what is connected to, each time.
      agent: false,
      signal,
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': bytes.length,
        'user-agent': 'PromptFlow-Ledger',
        connection: 'close',
      },
      ...(target.allowed ? {} : { lookup: lookup ?? publicLookup() }),
    });
    sending.on('error', reject).on('response', resolve);
    sending.end(bytes);
  });
}

/** The answer counts when it has come to its end, or to our limit. */
async function drain(answer: IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += (chunk as Buffer).length;
    if (bytes > ANSWER_BYTES_MAX) return void answer.destroy();
  }
}

function retryAfterOf({ headers }: IncomingMessage): Pick<Posted, 'retryAfterMs'> {
  const seconds = /^\d{1,9}$/.test(headers['retry-after'] ?? '') ? Number(headers['retry-after']) : 0;
  return seconds === 0 ? {} : { retryAfterMs: Math.min(seconds, RETRY_AFTER_S_MAX) * 1_000 };
}

/** Codes of Node and TLS that tell an owner what to look at. */
const KNOWN =
  /^(E[A-Z]+|CERT_[A-Z_]+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_[A-Z_]+)$/;

function faultOf(error: unknown): string {
  if (error instanceof PrivateAddressError) return 'private_address';
  // Of several addresses that were tried, the first one's fault.
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const code = (first as { readonly code?: unknown } | undefined)?.code;
  if (typeof code !== 'string') return 'no_answer';
  if (code.startsWith('HPE_')) return 'no_http';
  return KNOWN.test(code) || code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') ? code : 'no_answer';
}
