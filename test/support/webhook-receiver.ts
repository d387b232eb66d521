import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { countsOf } from './mail-server.js';

/** A request that has come, whatever it was answered. */
export interface TakenWebhook {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly path: string;
  readonly json: { readonly type: string; readonly data: Readonly<Record<string, unknown>> };
}

type Answer = (request: TakenWebhook, response: ServerResponse) => void;

/** A receiver of webhooks in this process: an independent count of what was sent, and judge of signatures. */
export interface WebhookReceiver {
  readonly port: number;
  /** host:port, for WEBHOOK_ALLOWED_HOSTS. */
  readonly host: string;
  readonly url: string;
  readonly taken: readonly TakenWebhook[];
  /** What the next requests are answered; a number is a status without a body. */
  answer(how: number | Answer): void;
  /** How often each webhook-id has come. */
  counts(): ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const taken: TakenWebhook[] = [];
  let how: number | Answer = 204;
  const server = createServer((request, response) => {
    void read(request).then((webhook) => {
      taken.push(webhook);
      if (typeof how === 'number') response.writeHead(how).end();
      else how(webhook, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/in`,
    taken,
    answer: (next) => {
      how = next;
    },
    counts: () => countsOf(taken.map(({ id }) => id)),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function read(request: IncomingMessage): Promise<TakenWebhook> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const headers = request.headers as Record<string, string>;
  return {
    id: headers['webhook-id'] ?? '',
    headers,
    body,
    path: request.url ?? '',
    json: JSON.parse(body) as TakenWebhook['json'],
  };
}

/** Whether the library of the Standard Webhooks takes the request for one of this secret's owner. */
export function isSignedBy(secret: string, { body, headers }: TakenWebhook): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}
