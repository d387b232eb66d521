import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Record<string, string>;
}

export interface SentItem {
  readonly userId: string;
  readonly runId: string;
  readonly [field: string]: unknown;
}

export interface Received {
  readonly path: string;
  readonly key: string | undefined;
  readonly body: { readonly items?: readonly SentItem[]; readonly [field: string]: unknown };
}

type Misbehaviour = Answer | 'drop' | 'cut' | undefined;

/** Says how one request goes wrong; undefined lets it through. `cut` takes effect and then loses the connection. */
export type Trouble = (request: Received) => Misbehaviour;

const PLANS = {
  FREE: { models: ['deepseek'] },
  PRO: { models: ['deepseek', 'gpt-4'] },
  ELITE: { models: ['deepseek', 'gpt-4', 'claude-3-opus'] },
  ENTERPRISE: { models: ['deepseek', 'gpt-4', 'claude-3-opus', 'gpt-4-32k'] },
};

/** A server that keeps runs as a ledger would, as far as the importer can see, and misbehaves when told to. */
export class FakeLedger {
  readonly received: Received[] = [];
  /** Body of each run's first charge. */
  readonly runs = new Map<string, string>();
  private readonly done = new Map<string, string>();
  trouble: Trouble = () => undefined;
  /** Outcome of an item that is not charged. */
  refusal: (item: SentItem) => object | undefined = () => undefined;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.handle(request, response));
  }

  static async start(): Promise<FakeLedger> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return new FakeLedger(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Users in the order their charges came. */
  chargesOf(userId: string): string[] {
    return [...this.runs.keys()]
      .filter((run) => run.startsWith(`${userId} `))
      .map((run) => run.split(' ')[1]!);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const piece of request) text += String(piece);
    const received: Received = {
      path: request.url ?? '',
      key: request.headers['idempotency-key'] as string | undefined,
      body: (text === '' ? {} : JSON.parse(text)) as Received['body'],
    };
    this.received.push(received);
    const trouble = this.trouble(received);
    if (trouble === 'drop') return void response.destroy();
    const answer = typeof trouble === 'object' ? trouble : this.answer(received);
    if (trouble === 'cut') {
      response.writeHead(200, { 'content-length': 1_000_000 });
      response.write('{"items":[');
      return void setTimeout(() => response.destroy(), 1);
    }
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(JSON.stringify(answer.body));
  }

  private answer({ path, key, body }: Received): Answer {
    if (path === '/api/credits/charge-prompts') {
      return {
        status: 200,
        body: { items: body.items!.map((item, index) => ({ index, ...this.charge(item) })) },
      };
    }
    if (path === '/api/plans') return { status: 200, body: { inForce: { plans: PLANS } } };
    const replayed = this.done.has(key!);
    if (replayed && this.done.get(key!) !== JSON.stringify(body)) {
      return { status: 422, body: { code: 'request.id_reused' } };
    }
    this.done.set(key!, JSON.stringify(body));
    return { status: 200, body: { replayed } };
  }

  private charge(item: SentItem): object {
    const refusal = this.refusal(item);
    if (refusal) return refusal;
    const run = `${item.userId} ${item.runId}`;
    const before = this.runs.get(run);
    if (before !== undefined && before !== JSON.stringify(item))
      return { status: 422, code: 'request.id_reused' };
    this.runs.set(run, before ?? JSON.stringify(item));
    return {
      status: 200,
      replayed: before !== undefined,
      position: 'a1b2c3d4-1',
      cost: {
        inferenceCost: '100',
        platformMarkup: '20',
        creatorFee: '0',
        creatorShare: '0',
        platformShare: '0',
        byokFee: '0',
        total: '120',
      },
    };
  }
}
