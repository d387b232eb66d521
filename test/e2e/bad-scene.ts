import { signQuote } from '#libs/application/catalogue/quotes.js';
import type { HttpClient } from './http-client.js';
import { done } from './support.js';

/** What the wallets of the scene have done already. */
export const CHARGE = { userId: 'u-1', runId: 'run-used', model: 'gpt-4', inputTokens: 10, outputTokens: 5 };
export const UNLOCK = { userId: 'u-1', flowId: 'f-used', creatorId: 'c-1', price: '99' };
export const PURCHASE = { userId: 'u-1', amount: '5', kind: 'purchased', reference: 'pay-used' };
export const HOLD = { userId: 'u-1', holdId: 'h-open', runId: 'run-held', model: 'gpt-4', amount: '5' };
export const REFUND = { userId: 'u-1', runId: 'run-refunded', refundId: 'rf-used', reason: 'error' };
export const FLOW_REFUND = { userId: 'u-1', flowId: 'f-used', refundId: 'rf-free', reason: 'error' };
export const PROMPT = { userId: 'u-1', promptId: 'p-used', visibility: 'private', sizeBytes: 10 };
export const PAYMENT = { userId: 'u-1', plan: 'PRO', reference: 'sub-used', amount: '5' };

export const CHARGES = '/api/credits/charge-prompt';
export const HOLDS = '/api/credits/holds';
/** The allowance of test runs of a FREE wallet. */
const TEST_RUNS_MAX = 100;
const PRIVATE_PROMPTS_MAX = 3;
export const GB = 1_000_000_000;

/** Key that the ledger of the scene signs its quotes with. */
export const SCENE_SIGNING_KEY = 'scene-signing-key-of-32-characters-or-more';

/** A quote of ours whose time is over. */
export const EXPIRED_QUOTE = signQuote(Buffer.from(SCENE_SIGNING_KEY), {
  terms: { policy: 'three-part-v1', rateCard: 'standard', rateCardVersion: 1, byokFeeBasisPoints: 0n },
  expiresAt: 0,
});

/** Wallets u-1 and u-2 on PRO, u-poor and u-limits on FREE, u-frozen and u-closed, with something in each that is used up. */
export async function openScene(http: HttpClient): Promise<void> {
  for (const userId of ['u-1', 'u-2', 'u-frozen', 'u-closed'])
    await done(http, '/api/wallets', { userId, plan: 'PRO' });
  for (const userId of ['u-poor', 'u-limits']) await done(http, '/api/wallets', { userId });
  await http.post(CHARGES, { key: 'used', body: CHARGE });
  await done(http, '/api/flows/unlock', UNLOCK);
  await done(http, '/api/credits/add', PURCHASE);
  await done(http, '/api/plans/subscription-payments', PAYMENT);
  for (const holdId of ['h-open', 'h-released', 'h-settled']) {
    await done(http, HOLDS, { ...HOLD, holdId, runId: `run-${holdId}` });
  }
  await done(http, `${HOLDS}/h-released/release`, { userId: 'u-1' });
  await done(http, CHARGES, { ...CHARGE, runId: 'run-h-settled', holdId: 'h-settled' });
  await done(http, CHARGES, { ...CHARGE, runId: 'run-refunded' });
  await done(http, '/api/credits/refunds', REFUND);
  await done(http, '/api/prompts', PROMPT);
  await useUpLimits(http);
  await done(http, '/api/wallets/u-frozen/freeze', { reason: 'review' });
  await done(http, '/api/wallets/u-closed/close', { remainder: 'expire' });
}

async function useUpLimits(http: HttpClient): Promise<void> {
  for (let i = 0; i < PRIVATE_PROMPTS_MAX; i++) {
    await done(http, '/api/prompts', { ...PROMPT, userId: 'u-limits', promptId: `p-${i}` });
  }
  const items = Array.from({ length: TEST_RUNS_MAX }, (_, i) => ({
    ...CHARGE,
    userId: 'u-limits',
    runId: `test-${i}`,
    model: 'deepseek',
    purpose: 'test',
  }));
  const { json } = await http.post('/api/credits/charge-prompts', { body: { items } });
  const failed = JSON.stringify(json['items']).match(/"status":(?!200)/g);
  if (failed !== null) throw new Error(`${failed.length} test runs of the scene were refused.`);
}
