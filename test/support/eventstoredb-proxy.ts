import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { LostReply, PlannedLoss } from '#libs/event-store/memory-store.js';

const APPEND_PATH = '/event_store.client.streams.Streams/Append';
/** Of HTTP/2 itself: each connection makes its own. */
const HOP_HEADERS = [':authority', ':scheme', 'host', 'connection'];

type Fault = { readonly when: LostReply; readonly hold: (send: () => Promise<void>) => void };

/**
 * Stands between a store and an EventStoreDB without TLS, the protocol double or a real one, and loses the request or
 * the reply of an append when told to. It knows HTTP/2 and the name of the call, nothing else.
 */
export interface EventStoreDbProxy {
  /** `esdb://` address of the server through the proxy. */
  readonly url: string;
  loseNextReply(when: LostReply): PlannedLoss;
  /** Cuts every connection through the proxy; new ones are taken. */
  dropConnections(): void;
  /** From now on calls are taken and never answered; connections stay open. */
  hang(): void;
  /** Appends that came through. */
  readonly appends: number;
  close(): Promise<void>;
}

export async function openEventStoreDbProxy(url: string): Promise<EventStoreDbProxy> {
  const target = targetOf(url);
  const sessions = new Set<http2.Http2Session>();
  let fault: Fault | undefined;
  let hanging = false;
  let appends = 0;
  const keep = (session: http2.Http2Session) => {
    sessions.add(session);
    session.on('error', () => undefined);
    session.on('close', () => sessions.delete(session));
  };
  const server = http2.createServer();
  server.on('session', (client) => {
    keep(client);
    let upstream: http2.ClientHttp2Session | undefined;
    const connect = () => {
      if (upstream && !upstream.destroyed) return upstream;
      upstream = http2.connect(target);
      keep(upstream);
      // A server that went away is away for the client, too.
      upstream.on('close', () => client.destroy());
      return upstream;
    };
    client.on('close', () => upstream?.destroy());
    client.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      if (hanging) return void stream.resume();
      const isAppend = headers[':path'] === APPEND_PATH;
      if (isAppend) appends++;
      if (!isAppend || !fault) return forward(stream, headers, connect());
      const { when, hold } = fault;
      fault = undefined;
      void wholeOf(stream).then(async (body) => {
        if (when === 'after-commit') await replay(target, headers, body);
        if (when === 'late') hold(() => replay(target, headers, body));
        client.destroy();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const through = new URL(url);
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: through.href,
    loseNextReply(when) {
      let release: (() => Promise<void>) | undefined;
      fault = { when, hold: (late) => (release = late) };
      return { release: async () => release?.() };
    },
    dropConnections() {
      for (const session of sessions) session.destroy();
    },
    hang: () => void (hanging = true),
    get appends() {
      return appends;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}

function targetOf(url: string): string {
  const { hostname, port, searchParams } = new URL(url);
  if (searchParams.get('tls') !== 'false') {
    throw new Error(
      'The conformance suite loses replies on purpose: it needs an EVENTSTORE_URL with tls=false.',
    );
  }
  return `http://${hostname}:${port || '2113'}`;
}

function forwarded(headers: http2.IncomingHttpHeaders): http2.OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_HEADERS.includes(name)));
}

function forward(
  stream: http2.ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
  upstream: http2.ClientHttp2Session,
): void {
  const request = upstream.request(forwarded(headers));
  request.on('error', () => stream.destroyed || stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
  stream.on('close', () => request.destroyed || request.close(http2.constants.NGHTTP2_CANCEL));
  stream.pipe(request);
  let trailers: http2.IncomingHttpHeaders = {};
  request.on('trailers', (given: http2.IncomingHttpHeaders) => (trailers = given));
  request.on('response', (answer, flags) => {
    if (stream.destroyed) return;
    const endStream = (flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    // An error without a body comes as trailers alone: one frame, as the server sent it.
    stream.respond(forwardedAnswer(answer), { endStream, waitForTrailers: !endStream });
    if (endStream) return;
    stream.on('wantTrailers', () => stream.sendTrailers(forwardedAnswer(trailers)));
    request.pipe(stream);
  });
}

function forwardedAnswer(headers: http2.IncomingHttpHeaders): http2.OutgoingHttpHeaders {
  return { ...headers };
}

async function wholeOf(stream: http2.ServerHttp2Stream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Sends a whole request on a connection of its own and waits until the server has dealt with it. */
async function replay(target: string, headers: http2.IncomingHttpHeaders, body: Buffer): Promise<void> {
  const session = http2.connect(target);
  try {
    await new Promise<void>((resolve, reject) => {
      session.on('error', reject);
      const request = session.request(forwarded(headers));
      request.on('error', reject);
      request.on('end', resolve);
      request.resume();
      request.end(body);
    });
  } finally {
    session.close();
  }
}
