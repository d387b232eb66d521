import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands for whatever a worker calls outside the ledger, and counts by itself what was asked of it. */
export class EffectSink {
  /** Rows of the caller behind each key: a call repeated after a crash is of the same row. */
  private readonly rows = new Map<string, Set<string>>();
  private received = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(): Promise<EffectSink> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const sink = new EffectSink(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, reply) => {
      sink.count(String(request.headers['idempotency-key']), String(request.headers['row']));
      request.resume();
      reply.end();
    });
    return sink;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  get calls(): number {
    return this.received;
  }

  /** Different effects that were asked for. */
  get keys(): ReadonlySet<string> {
    return new Set(this.rows.keys());
  }

  /** Effects that were decided on more than once. */
  get doubles(): readonly string[] {
    return [...this.rows].filter(([, rows]) => rows.size > 1).map(([key]) => key);
  }

  private count(key: string, row: string): void {
    this.received += 1;
    const rows = this.rows.get(key);
    if (rows === undefined) this.rows.set(key, new Set([row]));
    else rows.add(row);
  }
}
