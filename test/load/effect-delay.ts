import pg from 'pg';
import { post } from '#test/support/http.js';
import { startWebhookReceiver, type WebhookReceiver } from '#test/support/webhook-receiver.js';
import { httpLoad, percentile } from './http-load.js';
import { rounded } from './statistics.js';
import { chargeRequest, openWallets } from './wallets.js';

const CONNECTIONS = 64;
const WALLETS = 200;
/** Owners that are told of every charge by webhook. */
const WITH_WEBHOOK = 10;
const WARM_UP_MS = 5_000;
const POLL_MS = 10;
const PATIENCE_MS = 30_000;
const POSITION = /"position":"[0-9a-f]{8}-(\d+)"/;
const CHARGED = 'promptflow.prompt.charged.v1';

export interface EffectPlace {
  readonly url: string;
  readonly databaseUrl: string;
}

export interface EffectDelayOptions {
  readonly chargesPerSecond: number;
  readonly durationMs: number;
}

interface Delays {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface EffectDelay {
  readonly chargesPerSecond: number;
  readonly replyP99Ms: number;
  /** From the HTTP reply until what the notification worker made of the charge can be read, as polled. */
  readonly effect: Delays;
  /** From the HTTP reply until an outside receiver has the webhook, for the owners that asked for one. */
  readonly webhook: Delays;
}

/** The webhook receiver that a ledger under this bench must be allowed to reach, before it is started. */
export function startReceiver(): Promise<WebhookReceiver> {
  return startWebhookReceiver();
}

/** Charges at an even pace, and sees how long after each reply a worker has acted on it. */
export async function measureEffectDelay(
  { url, databaseUrl }: EffectPlace,
  receiver: WebhookReceiver,
  { chargesPerSecond, durationMs }: EffectDelayOptions,
): Promise<EffectDelay> {
  const wallets = await openWallets(url, WALLETS, `delay-${Date.now()}`);
  for (const { userId } of wallets.slice(0, WITH_WEBHOOK)) {
    const { status, body } = await post(url, '/api/notifications/webhooks', {
      userId,
      url: receiver.url,
      types: [CHARGED],
    });
    if (status !== 200) throw new Error(`No webhook was made: ${JSON.stringify(body)}`);
  }
  const told = new Map<string, number>();
  receiver.answer((request, response) => {
    const position = POSITION.exec(request.body)?.[1];
    if (position !== undefined) told.set(position, performance.now());
    response.writeHead(204).end();
  });
  let turn = 0;
  const drive = (ms: number, onReply: (reply: string) => void) =>
    httpLoad({
      url,
      connections: CONNECTIONS,
      durationMs: ms,
      perSecond: chargesPerSecond,
      request: () => chargeRequest(wallets[turn++ % wallets.length]!.userId),
      onReply,
    });
  await drive(WARM_UP_MS, () => undefined);
  const repliedAt = new Map<string, number>();
  const watch = new EffectWatch(databaseUrl);
  const { perSecond, p99Ms } = await drive(durationMs, (reply) => {
    const position = POSITION.exec(reply)?.[1];
    if (position === undefined) throw new Error(`A reply names no position: ${reply.slice(0, 500)}`);
    repliedAt.set(position, performance.now());
    watch.expect(position);
  });
  const seenAt = await watch.finish();
  return {
    chargesPerSecond: rounded(perSecond),
    replyP99Ms: rounded(p99Ms, 1),
    effect: delaysOf(repliedAt, seenAt),
    webhook: delaysOf(repliedAt, told),
  };
}

/** Looks for the effect of each charge by a connection of its own, every few milliseconds. */
class EffectWatch {
  private readonly open = new Set<string>();
  private readonly seenAt = new Map<string, number>();
  private readonly database: pg.Client;
  private readonly running: Promise<void>;
  private ending = false;

  constructor(databaseUrl: string) {
    this.database = new pg.Client({ connectionString: databaseUrl });
    this.running = this.run();
    // Told by finish.
    this.running.catch(() => undefined);
  }

  expect(position: string): void {
    this.open.add(position);
  }

  /** When each was seen, once all were. @throws when some are missing after the patience */
  async finish(): Promise<ReadonlyMap<string, number>> {
    this.ending = true;
    await this.running;
    return this.seenAt;
  }

  private async run(): Promise<void> {
    await this.database.connect();
    try {
      let endingSince: number | undefined;
      while (!this.ending || this.open.size > 0) {
        if (this.ending) endingSince ??= performance.now();
        if (endingSince !== undefined && performance.now() - endingSince > PATIENCE_MS)
          throw new Error(`${this.open.size} charges had no effect within ${PATIENCE_MS / 1000} s.`);
        await this.look();
        await new Promise((next) => setTimeout(next, POLL_MS));
      }
    } finally {
      await this.database.end();
    }
  }

  private async look(): Promise<void> {
    const { rows } = await this.database.query<{ position: string }>({
      name: 'effects',
      text: `select position::text from messaging.inbox where consumer = 'notifications' and position = any($1::bigint[])`,
      values: [[...this.open]],
    });
    const now = performance.now();
    for (const { position } of rows) {
      this.open.delete(position);
      this.seenAt.set(position, now);
    }
  }
}

function delaysOf(repliedAt: ReadonlyMap<string, number>, seenAt: ReadonlyMap<string, number>): Delays {
  const delays = [...repliedAt]
    .map(([position, at]) => {
      const seen = seenAt.get(position);
      // The effect may come before the reply has been read.
      return seen === undefined ? undefined : Math.max(0, seen - at);
    })
    .filter((delay) => delay !== undefined)
    .sort((a, b) => a - b);
  return {
    count: delays.length,
    p50Ms: rounded(percentile(delays, 0.5), 1),
    p99Ms: rounded(percentile(delays, 0.99), 1),
    maxMs: rounded(delays.at(-1) ?? 0, 1),
  };
}
