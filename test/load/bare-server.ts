import fastify from 'fastify';
import { encodeMetadata } from '#libs/contracts/metadata.js';
import { encodeEvent } from '#libs/contracts/stored-events.js';
import { hashBody } from '#libs/application/body-hash.js';
import { RunId, UserId } from '#libs/kernel/ids.js';
import { openBareLog } from './bare-append.js';

/**
 * The ceiling for single charges: a bare Fastify route that does nothing but the same append (see `bare-append.ts`). It reads the
 * same request and appends a PromptCharged event of the same size to the same kind of stream, without validating,
 * folding or deciding: the price is a constant, the revision is what the caller says. The roles that follow the log
 * project and settle these events as they do real charges, so both sides carry the same work behind them.
 */
interface BareCharge {
  readonly userId: string;
  readonly runId: string;
  readonly creatorId?: string;
  /** Revision of the wallet's last event, and the lot that the charge draws. */
  readonly revision: number;
  readonly lotId: string;
}

/** deepseek, 500 tokens in and 100 out: 182 credits of inference, a markup of 37 or a creator fee of 10. */
const INFERENCE = 182n;

const log = await openBareLog(process.env);
const app = fastify();

app.post<{ Body: BareCharge }>('/append', async ({ body }) => {
  const envelope = { principal: 'local', key: body.runId, bodyHash: BODY_HASH };
  const stream = `wallet-${body.userId}`;
  const event = { ...chargeOf(body), metadata: metadataOf(envelope) };
  return { position: await log.append({ stream, ...event, revision: body.revision }) };
});

const MARKED_UP = { markup: 37n, creatorFee: 0n, creatorShare: 0n, platformShare: 0n, total: 219n };
const WITH_FEE = { markup: 0n, creatorFee: 10n, creatorShare: 8n, platformShare: 2n, total: 192n };
const BODY_HASH = hashBody('ChargePrompt', {});

function chargeOf({ userId, runId, creatorId, lotId }: BareCharge): { type: string; data: string } {
  const price = creatorId === undefined ? MARKED_UP : WITH_FEE;
  return encodeEvent({
    type: 'PromptCharged',
    userId: UserId.of(userId),
    at: Date.now(),
    runId: RunId.of(runId),
    model: 'deepseek',
    inputTokens: 500,
    outputTokens: 100,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    purpose: 'run',
    byok: false,
    ...(creatorId === undefined ? {} : { creatorId: UserId.of(creatorId) }),
    uncollected: 0n,
    policy: 'three-part-v1',
    rateCard: 'standard',
    rateCardVersion: 1,
    ...price,
    inference: INFERENCE,
    byokFee: 0n,
    allowance: 0n,
    draws: [{ lotId, kind: 'purchased', origin: 'purchased', amount: price.total }],
  });
}

function metadataOf(envelope: { principal: string; key: string; bodyHash: string }): string {
  const purchased = 999_999_999_999n;
  return encodeMetadata({
    ...envelope,
    balance: { available: purchased, held: 0n, monthly: 0n, promo: 0n, refund: 0n, purchased },
  });
}

process.once('SIGTERM', () => void app.close().then(() => log.close()));
console.log(await app.listen({ host: '127.0.0.1', port: 0 }));
