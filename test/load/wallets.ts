import { randomUUID } from 'node:crypto';
import { post } from '#test/support/http.js';
import { rawPost } from './http-load.js';

const CREDITS = '900000000000000';
const CREATORS = 10;
const BATCH = 64;

/** An opened wallet with a purchased lot that lasts; what a bare append must know of it besides. */
export interface BenchWallet {
  readonly userId: string;
  readonly lotId: string;
  /** Of the wallet's last event. */
  revision: number;
}

/** Opens wallets through the HTTP interface. */
export async function openWallets(url: string, count: number, prefix: string): Promise<BenchWallet[]> {
  const wallets: BenchWallet[] = [];
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    wallets.push(
      ...(await Promise.all(
        Array.from({ length: size }, (_, i) => openWallet(url, `${prefix}-${from + i}`)),
      )),
    );
  }
  return wallets;
}

async function openWallet(url: string, userId: string): Promise<BenchWallet> {
  await accepted(post(url, '/api/wallets', { userId, plan: 'FREE' }));
  const added = await accepted(
    post(url, '/api/credits/add', { userId, kind: 'purchased', amount: CREDITS, reference: `pay-${userId}` }),
  );
  // WalletOpened, the monthly lot and the purchase.
  return { userId, lotId: (added['lot'] as { id: string }).id, revision: 2 };
}

async function accepted(reply: ReturnType<typeof post>): Promise<Record<string, unknown>> {
  const { status, body } = await reply;
  if (status !== 200) throw new Error(`Refused: ${JSON.stringify(body)}`);
  return body;
}

let runs = 0;
const session = randomUUID().slice(0, 8);
const nextRun = (): { runId: string; creatorId?: string } => {
  const n = runs++;
  const runId = `run-${session}-${n}`;
  return n % 2 === 0 ? { runId } : { runId, creatorId: `creator-${(n >> 1) % CREATORS}` };
};

/** The fields of a charge; every other one has a creator fee. */
export function chargeOf(userId: string): Record<string, unknown> {
  const run = nextRun();
  return {
    userId,
    ...run,
    model: 'deepseek',
    inputTokens: 500,
    outputTokens: 100,
    ...(run.creatorId === undefined ? {} : { creatorFee: '10' }),
  };
}

export function chargeRequest(userId: string): string {
  const charge = chargeOf(userId);
  return rawPost('/api/credits/charge-prompt', JSON.stringify(charge), String(charge['runId']));
}

/** The same request to the bare route; one wallet a connection, so that its revision is known. */
export function bareRequest(wallet: BenchWallet): string {
  const { creatorFee: _, ...charge } = chargeOf(wallet.userId);
  return rawPost(
    '/append',
    JSON.stringify({ ...charge, creatorFee: '10', lotId: wallet.lotId, revision: wallet.revision++ }),
    String(charge['runId']),
  );
}
