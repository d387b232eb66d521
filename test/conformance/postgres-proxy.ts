import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { APPEND_STATEMENT } from '#libs/event-store-postgres/append-lane.js';
import type { LostReply, PlannedLoss } from '#libs/event-store/memory-store.js';

const DEFAULT_PORT = '5432';
/** The last message of a request, and of an answer outside a transaction. */
const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

type Fault = { readonly when: LostReply; readonly hold: (send: () => Promise<void>) => void };

/** Stands between a store and Postgres, and loses the request or the reply of an append when told to. */
export interface PostgresProxy {
  /** The database's address through the proxy. */
  readonly url: string;
  loseNextReply(when: LostReply): PlannedLoss;
  /** From now on no bytes pass in either direction; connections stay open. */
  hang(): void;
  close(): Promise<void>;
}

export async function openPostgresProxy(url: string): Promise<PostgresProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let fault: Fault | undefined;
  let hanging = false;
  const server = createServer((client) => {
    const upstream = connectTo(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    upstream.on('close', () => client.destroy());
    client.on('close', () => void (held || upstream.destroy()));
    let request: Buffer | undefined;
    let active: Fault | undefined;
    let held = false;
    client.on('data', (chunk: Buffer) => {
      if (hanging) return;
      if (!active && fault && chunk.includes(APPEND_STATEMENT)) {
        active = fault;
        fault = undefined;
        request = Buffer.alloc(0);
      }
      if (!active || !request) return void upstream.write(chunk);
      request = Buffer.concat([request, chunk]);
      if (!request.subarray(-SYNC.length).equals(SYNC)) return;
      const whole = request;
      if (active.when === 'after-commit') void send(upstream, whole).then(() => client.destroy());
      else {
        if (active.when === 'late') {
          held = true;
          active.hold(() => send(upstream, whole).finally(() => upstream.destroy()));
        }
        client.destroy();
      }
    });
    upstream.on('data', (chunk: Buffer) => void (active || hanging || client.write(chunk)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const through = new URL(url);
  through.searchParams.delete('host');
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: through.href,
    loseNextReply(when) {
      let release: (() => Promise<void>) | undefined;
      fault = { when, hold: (late) => (release = late) };
      return { release: async () => release?.() };
    },
    hang: () => void (hanging = true),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function connectTo(target: URL): Socket {
  const host = target.searchParams.get('host') ?? decodeURIComponent(target.hostname);
  const port = target.port || DEFAULT_PORT;
  return host.startsWith('/')
    ? createConnection(join(host, `.s.PGSQL.${port}`))
    : createConnection(Number(port), host);
}

/** Sends a whole request and waits until Postgres has dealt with it; the answer is thrown away. */
function send(upstream: Socket, request: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    upstream.on('data', (chunk: Buffer) => {
      if (chunk.subarray(-READY.length).equals(READY)) resolve();
    });
    upstream.once('close', () => reject(new Error('Postgres closed the connection of a held append.')));
    upstream.write(request);
  });
}
