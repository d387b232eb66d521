import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export const HOST = '127.0.0.1';
/** Somebody's outgoing connection may hold our port for a moment while we do not listen. */
const LISTEN_ATTEMPTS = 50;
const LISTEN_PAUSE_MS = 100;

/** The listening port and its connections, which the gRPC server only borrows: so that they can be cut. */
export class Connections {
  readonly #sockets = new Map<string, Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(private readonly onConnection: (socket: Socket) => void) {}

  get port(): number {
    return this.#port;
  }

  /** Listens on the port, 0 for any free one; on the same as before when called again. */
  async listen(port = this.#port): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#tryToListen(port);
        return;
      } catch (error) {
        const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
        // A port that was ours comes back; one that was asked for and is taken is a mistake to tell.
        if (!inUse || port !== this.#port || attempt === LISTEN_ATTEMPTS) throw error;
      }
      await sleep(LISTEN_PAUSE_MS);
    }
  }

  /** Refuses new connections; those that are open stay. */
  async refuse(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    // Resolves only when the last connection is gone, which is not waited for.
    server?.close();
  }

  cut(peer: string): void {
    this.#sockets.get(peer)?.destroy();
  }

  cutAll(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  get open(): number {
    return this.#sockets.size;
  }

  async #tryToListen(port: number): Promise<void> {
    if (this.#server) return;
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, HOST, resolve);
    });
    this.#server = server;
    this.#port = (server.address() as { port: number }).port;
  }

  #accept(socket: Socket): void {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#sockets.set(peer, socket);
    socket.once('close', () => this.#sockets.delete(peer));
    // A client that goes away without a word is no fault of ours.
    socket.on('error', () => undefined);
    this.onConnection(socket);
  }
}
