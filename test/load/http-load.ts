import { connect, type Socket } from 'node:net';

export interface LoadOptions {
  /** `http://host:port` */
  readonly url: string;
  /** Keep-alive connections; each has one request on its way at a time. */
  readonly connections: number;
  readonly durationMs: number;
  /** The next raw HTTP request of a connection, see `rawPost`. */
  readonly request: (connection: number) => string;
  /** Pause of a connection between a reply and its next request, ms. Default 0. */
  readonly pauseMs?: number;
  /** Requests are spread evenly over time, so many a second over all connections. Default: each as soon as it can. */
  readonly perSecond?: number;
  /** Told of each reply as it comes. */
  readonly onReply?: (reply: string) => void;
}

export interface LoadResult {
  readonly operations: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A request as it goes over the wire, built by hand because the generator shares the cores with the server. */
export function rawPost(path: string, body: string, key?: string): string {
  return (
    `POST ${path} HTTP/1.1\r\nHost: ledger\r\nContent-Type: application/json\r\n` +
    (key === undefined ? '' : `Idempotency-Key: ${key}\r\n`) +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

/**
 * Sends requests over keep-alive connections for a time and measures them.
 * @throws when a reply is not 200: a benchmark of refusals says nothing.
 */
export async function httpLoad(options: LoadOptions): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  const started = performance.now();
  const until = started + options.durationMs;
  const turns = new Turns(started, options.perSecond);
  await Promise.all(
    Array.from({ length: options.connections }, (_, connection) =>
      drive(options, { connection, until, turns, latenciesMs }),
    ),
  );
  const seconds = (performance.now() - started) / 1000;
  latenciesMs.sort((a, b) => a - b);
  return {
    operations: latenciesMs.length,
    perSecond: latenciesMs.length / seconds,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
  };
}

/** Of ascending values; 0 when there are none. */
export function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0;
}

/** When the next request may go out, over all connections. */
class Turns {
  private taken = 0;

  constructor(
    private readonly started: number,
    private readonly perSecond: number | undefined,
  ) {}

  /** Ends at the next moment that nobody has taken yet; one that is past already is not waited for. */
  async next(): Promise<void> {
    if (this.perSecond === undefined) return;
    const at = this.started + (this.taken++ * 1_000) / this.perSecond;
    const waitMs = at - performance.now();
    if (waitMs > 0) await new Promise((done) => setTimeout(done, waitMs));
  }
}

interface Drive {
  readonly connection: number;
  readonly until: number;
  readonly turns: Turns;
  readonly latenciesMs: number[];
}

async function drive(
  { url, request, pauseMs = 0, onReply }: LoadOptions,
  { connection, until, turns, latenciesMs }: Drive,
): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  try {
    const replies = new Replies(socket);
    while (performance.now() < until) {
      await turns.next();
      const sentAt = performance.now();
      socket.write(request(connection), 'latin1');
      const reply = await replies.next();
      latenciesMs.push(performance.now() - sentAt);
      if (!reply.startsWith('HTTP/1.1 200')) throw new Error(`Unexpected reply: ${reply.slice(0, 1000)}`);
      onReply?.(reply);
      if (pauseMs > 0) await new Promise((done) => setTimeout(done, pauseMs));
    }
  } finally {
    socket.destroy();
  }
}

/** Replies with a Content-Length, one at a time, as text. */
class Replies {
  private received = '';
  private waiting: { resolve: (reply: string) => void; reject: (error: Error) => void } | undefined;

  constructor(socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.received += chunk;
      this.give();
    });
    socket.on('error', (error) => this.waiting?.reject(error));
    socket.on('close', () => this.waiting?.reject(new Error('The server closed the connection.')));
  }

  next(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.give();
    });
  }

  private give(): void {
    if (this.waiting === undefined) return;
    const headEnd = this.received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = /content-length: (\d+)/i.exec(this.received.slice(0, headEnd))?.[1];
    if (length === undefined) return this.waiting.reject(new Error(`No Content-Length: ${this.received}`));
    const end = headEnd + 4 + Number(length);
    if (this.received.length < end) return;
    const reply = this.received.slice(0, end);
    this.received = this.received.slice(end);
    const { resolve } = this.waiting;
    this.waiting = undefined;
    resolve(reply);
  }
}
