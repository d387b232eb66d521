import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import Stripe from 'stripe';

/** Silence after which a call counts as lost. */
const TIMEOUT_MS = 20_000;

export interface StripeAccess {
  readonly secretKey: string;
  /** Address of the API, for example `https://api.stripe.com`. */
  readonly apiUrl: string;
  readonly timeoutMs?: number;
}

type HttpClient = ReturnType<typeof Stripe.createNodeHttpClient>;

/**
 * The library repeats a request by itself when the connection closes, even with retries switched off. Whether the first
 * one was carried out is then unknown, and deciding what follows is ours: an error without that code is not repeated.
 */
function onceOnly(inner: HttpClient): HttpClient {
  return {
    getClientName: () => inner.getClientName(),
    makeRequest: async (...request) => {
      try {
        return await inner.makeRequest(...request);
      } catch (error) {
        const { code = '' } = error as { readonly code?: string };
        if (!Stripe.HttpClient.CONNECTION_CLOSED_ERROR_CODES.includes(code)) throw error;
        throw new Error(`The connection was closed (${code}).`, { cause: error });
      }
    },
  };
}

export interface StripeClient {
  readonly stripe: Stripe;
  /** Ends idle connections. */
  close(): void;
}

/** The official client, without retries of its own. */
export function openStripe({ secretKey, apiUrl, timeoutMs = TIMEOUT_MS }: StripeAccess): StripeClient {
  const { hostname, port, protocol } = new URL(apiUrl);
  const secure = protocol === 'https:';
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const stripe = new Stripe(secretKey, {
    host: hostname,
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    protocol: secure ? 'https' : 'http',
    httpClient: onceOnly(Stripe.createNodeHttpClient(agent)),
    maxNetworkRetries: 0,
    timeout: timeoutMs,
    telemetry: false,
  });
  return { stripe, close: () => agent.destroy() };
}

/** Whether a key moves real money; `undefined` without a key. */
export const isLiveKey = (secretKey: string | undefined): boolean | undefined =>
  secretKey === undefined ? undefined : /^(sk|rk)_live_/.test(secretKey);
