import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Connections whose last answer has been given are looked for this often. */
const LOOK_MS = 25;
/** More than any request takes that will still be answered; after it connections are cut. */
const DRAIN_MS_MAX = 15_000;

/**
 * Lets `close()` end as soon as what was taken is answered. Fastify closes the connections that are idle when closing
 * begins; one that gets its last answer after that would stay open for as long as its client likes, and one that was
 * opened ahead and never used until its headers are overdue.
 */
export function drainOnClose(instance: FastifyInstance): void {
  const server = instance.server;
  const unused = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }) => unused.delete(socket));
  instance.addHook('preClose', (done) => {
    // Whoever sends its first request now has nothing to lose yet.
    for (const socket of unused) socket.destroy();
    const looking = setInterval(() => server.closeIdleConnections(), LOOK_MS);
    const patience = setTimeout(() => server.closeAllConnections(), DRAIN_MS_MAX);
    server.once('close', () => {
      clearInterval(looking);
      clearTimeout(patience);
    });
    // Without a listener there is no end to wait for.
    if (!server.listening) {
      clearInterval(looking);
      clearTimeout(patience);
    }
    done();
  });
}
