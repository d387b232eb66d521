import { Agent, request } from 'node:http';
import type { HttpCommand } from '#test/support/model/http-commands.js';

type Fields = Readonly<Record<string, unknown>>;

export interface Reply {
  readonly status: number;
  readonly body: Fields;
}

/** Connections that are kept open, so that thousands of requests do not use up the machine's ports. */
export class Caller {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 128 });

  constructor(private readonly url: string) {}

  send({ method, path, body }: HttpCommand, key: string): Promise<Reply> {
    return this.ask(method, path, { 'idempotency-key': key }, body);
  }

  get(path: string): Promise<Reply> {
    return this.ask('GET', path, {});
  }

  close(): void {
    this.agent.destroy();
  }

  private ask(method: string, path: string, headers: Record<string, string>, body?: Fields): Promise<Reply> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const type = text === undefined ? {} : { 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const asked = request(
        `${this.url}${path}`,
        { method, agent: this.agent, headers: { ...headers, ...type } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const reply = Buffer.concat(chunks).toString();
            resolve({ status: response.statusCode ?? 0, body: JSON.parse(reply) as Fields });
          });
        },
      );
      asked.on('error', reject);
      asked.end(text);
    });
  }
}
