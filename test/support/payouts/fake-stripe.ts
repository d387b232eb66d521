import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a request to make a transfer meets. `accepted_...`: the transfer is made all the same. */
export type StripeFault =
  | 'accepted_silence'
  | 'accepted_drop'
  | 'drop'
  | 'error_500'
  | 'conflict_409'
  | 'rate_limit_429'
  | 'balance_insufficient'
  | 'no_such_destination'
  | 'restricted_key';

export interface MadeTransfer {
  readonly id: string;
  readonly object: 'transfer';
  readonly amount: number;
  readonly currency: string;
  readonly destination: string;
  readonly transfer_group: string;
  readonly metadata: Readonly<Record<string, string>>;
  amount_reversed: number;
  reversed: boolean;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const error = (status: number, type: string, code: string | undefined, message: string): Answer => ({
  status,
  body: { error: { type, message, ...(code === undefined ? {} : { code }) } },
});

const FAULT_ANSWERS: Partial<Record<StripeFault, Answer>> = {
  error_500: error(500, 'api_error', undefined, 'Something went wrong on our end'),
  conflict_409: error(409, 'api_error', 'idempotency_key_in_use', 'A request with this key is in progress'),
  rate_limit_429: error(429, 'invalid_request_error', 'rate_limit', 'Too many requests'),
  balance_insufficient: error(400, 'invalid_request_error', 'balance_insufficient', 'Insufficient funds'),
  no_such_destination: error(400, 'invalid_request_error', 'resource_missing', 'No such destination'),
  restricted_key: error(403, 'invalid_request_error', undefined, 'The key lacks a permission'),
};
/** Refused before anything is carried out: Stripe does not keep these under the key. */
const NOT_KEPT: readonly StripeFault[] = ['conflict_409', 'rate_limit_429', 'restricted_key'];

/** A payout of a connected account to its bank. */
export interface AccountPayout {
  readonly account: string;
  readonly status: string;
  readonly reconciliation: 'completed' | 'in_progress' | 'not_applicable';
  readonly transfers: readonly string[];
}

/**
 * Stripe as far as payouts use it, on a port of its own: transfers with idempotency keys kept as Stripe keeps them
 * (also errors, as long as the request was carried out), lists by group, payouts of connected accounts. It counts what
 * it has made by itself.
 */
export class FakeStripe {
  readonly made: MadeTransfer[] = [];
  /** Destinations of all requests to make a transfer, also of those that failed. */
  readonly asked: string[] = [];
  lists = 0;
  readonly payouts = new Map<string, AccountPayout>();
  private readonly faults = new Map<string, StripeFault[]>();
  private readonly keys = new Map<string, { readonly request: string; readonly answer: Answer }>();
  private readonly silent = new Set<ServerResponse>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeStripe> {
    const server = createServer();
    const stripe = new FakeStripe(server);
    server.on('request', (request, response) => void stripe.handle(request, response));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return stripe;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next requests to make a transfer to this destination (`*`: to any) meet these, one each. */
  failNext(destination: string, ...faults: readonly StripeFault[]): void {
    this.faults.set(destination, [...(this.faults.get(destination) ?? []), ...faults]);
  }

  askedFor(destination: string): number {
    return this.asked.filter((each) => each === destination).length;
  }

  /** Cents that have left, by destination. */
  paidTo(destination: string): number {
    return this.made
      .filter((each) => each.destination === destination)
      .reduce((sum, { amount, amount_reversed: back }) => sum + amount - back, 0);
  }

  reverse(id: string, amount?: number): MadeTransfer {
    const transfer = this.made.find((each) => each.id === id)!;
    transfer.amount_reversed += amount ?? transfer.amount;
    transfer.reversed = transfer.amount_reversed === transfer.amount;
    return transfer;
  }

  async stop(): Promise<void> {
    for (const response of this.silent) response.destroy();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://stripe');
    const body = new URLSearchParams(Buffer.concat(chunks).toString());
    if (request.method === 'POST' && url.pathname === '/v1/transfers') {
      this.create(request, body, response);
    } else {
      send(response, this.read(url, request));
    }
  }

  private create(request: IncomingMessage, body: URLSearchParams, response: ServerResponse): void {
    const destination = body.get('destination') ?? '';
    this.asked.push(destination);
    const fault = this.faults.get(destination)?.shift() ?? this.faults.get('*')?.shift();
    if (fault === 'drop') return void response.socket?.destroy();
    if (fault !== undefined && NOT_KEPT.includes(fault)) return send(response, FAULT_ANSWERS[fault]!);
    const key = String(request.headers['idempotency-key']);
    const kept = this.keys.get(key);
    if (kept !== undefined && kept.request !== body.toString()) {
      return send(response, error(400, 'idempotency_error', undefined, 'Keys can only be used once'));
    }
    const answer = kept?.answer ?? (fault && FAULT_ANSWERS[fault]) ?? { status: 200, body: this.make(body) };
    this.keys.set(key, { request: body.toString(), answer });
    if (fault === 'accepted_silence') return void this.silent.add(response);
    if (fault === 'accepted_drop') return void response.socket?.destroy();
    send(response, answer, kept === undefined ? {} : { 'idempotent-replayed': 'true' });
  }

  private make(body: URLSearchParams): MadeTransfer {
    const metadata = [...body].flatMap(([name, value]) => {
      const field = /^metadata\[(.+)\]$/.exec(name)?.[1];
      return field === undefined ? [] : [[field, value] as const];
    });
    const transfer: MadeTransfer = {
      id: `tr_${randomBytes(8).toString('hex')}`,
      object: 'transfer',
      amount: Number(body.get('amount')),
      currency: body.get('currency') ?? '',
      destination: body.get('destination') ?? '',
      transfer_group: body.get('transfer_group') ?? '',
      metadata: Object.fromEntries(metadata),
      amount_reversed: 0,
      reversed: false,
    };
    this.made.push(transfer);
    return transfer;
  }

  private read({ pathname, searchParams }: URL, { headers }: IncomingMessage): Answer {
    if (pathname === '/v1/transfers') {
      this.lists += 1;
      const group = searchParams.get('transfer_group');
      return list(this.made.filter((each) => each.transfer_group === group));
    }
    const [, payoutId] = /^\/v1\/payouts\/(.+)$/.exec(pathname) ?? [];
    const payout = this.payouts.get(payoutId ?? searchParams.get('payout') ?? '');
    if (payout === undefined || payout.account !== headers['stripe-account']) {
      return error(404, 'invalid_request_error', 'resource_missing', 'No such payout');
    }
    if (payoutId !== undefined) {
      const { status, reconciliation } = payout;
      return {
        status: 200,
        body: { id: payoutId, object: 'payout', status, reconciliation_status: reconciliation },
      };
    }
    return list([
      { id: 'txn_0', object: 'balance_transaction', source: { id: payoutId, object: 'payout' } },
      ...payout.transfers.map((transfer) => ({
        id: `txn_${transfer}`,
        object: 'balance_transaction',
        source: { id: `py_${transfer}`, object: 'charge', source_transfer: transfer },
      })),
    ]);
  }
}

const list = (data: readonly object[]): Answer => ({
  status: 200,
  body: { object: 'list', data, has_more: false, url: '/v1' },
});

function send(
  response: ServerResponse,
  { status, body }: Answer,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

let events = 0;

export interface SignOptions {
  readonly secret: string;
  /** Seconds since the epoch. Default: now. */
  readonly at?: number;
  readonly account?: string;
  readonly livemode?: boolean;
  readonly id?: string;
}

/** The body of a webhook and its signature, as Stripe sends them. */
export function signedWebhook(
  type: string,
  object: object,
  { secret, at = Math.floor(Date.now() / 1_000), account, livemode = false, id }: SignOptions,
): { readonly body: string; readonly signature: string } {
  const body = JSON.stringify({
    id: id ?? `evt_${++events}`,
    object: 'event',
    type,
    livemode,
    created: at,
    ...(account === undefined ? {} : { account }),
    data: { object },
  });
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  return { body, signature: `t=${at},v1=${signature}` };
}
