import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Prometheus asks every 15 s or so; who needs longer to send its headers is not Prometheus. */
const REQUEST_MS_MAX = 5_000;
const CONNECTIONS_MAX = 100;
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Answer of a health probe. */
export interface Probe {
  /** 200, otherwise 503. */
  readonly ok: boolean;
  readonly body: object;
}

export interface MetricsServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  readonly live: () => Promise<Probe>;
  readonly ready: () => Promise<Probe>;
  /** Told what a question failed by; it was answered 500 without details. */
  readonly onError: (error: unknown) => void;
}

export interface MetricsServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves `/metrics`, `/health/live` and `/health/ready` on a port of their own: what watches a process stays apart from
 * what its users reach.
 * @throws what `listen` throws, for example EADDRINUSE
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: REQUEST_MS_MAX }, (request, response) => {
    void answer(options, request, response).catch((error: unknown) => {
      options.onError(error);
      send(response, 500, 'application/json', JSON.stringify({ status: 'failed' }));
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(options.port, options.host);
  await once(server, 'listening');
  server.on('error', options.onError);
  return { url: urlOf(server), stop: () => stop(server) };
}

async function answer(
  { metrics, live, ready }: MetricsServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Nothing that is asked here has a body.
  request.resume();
  const path = (request.url ?? '').split('?', 1)[0];
  const known = path === '/metrics' || path === '/health/live' || path === '/health/ready';
  if (known && request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return send(response, 405, 'application/json', JSON.stringify({ status: 'method not allowed' }));
  }
  switch (path) {
    case '/metrics':
      return send(response, 200, METRICS_CONTENT_TYPE, await metrics());
    case '/health/live':
      return sendProbe(response, await live());
    case '/health/ready':
      return sendProbe(response, await ready());
    default:
      return send(
        response,
        404,
        'application/json',
        JSON.stringify({ status: 'not found', paths: ['/metrics', '/health/live', '/health/ready'] }),
      );
  }
}

function sendProbe(response: ServerResponse, { ok, body }: Probe): void {
  send(response, ok ? 200 : 503, 'application/json', JSON.stringify(body));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  if (response.headersSent) return;
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** Who asks now is answered; connections kept open for later questions end. */
async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const patience = setTimeout(() => server.closeAllConnections(), REQUEST_MS_MAX);
  await closed;
  clearTimeout(patience);
}
