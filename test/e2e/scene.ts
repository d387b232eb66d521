import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { HttpClient } from './http-client.js';
import { done } from './support.js';

/** A user id nobody else has. */
export const userOf = (name: string): string => `u-${name}-${randomUUID().slice(0, 8)}`;
/** A run of 60,000 credits of inference. */
export const run = (userId: string, runId: string, more: object = {}) => ({
  userId,
  runId,
  model: 'gpt-4',
  inputTokens: 1_000,
  outputTokens: 500,
  ...more,
});
/** Opens a wallet for a user of its own. */
export const openWallet = async (http: HttpClient, name: string, plan = 'PRO'): Promise<string> => {
  const userId = userOf(name);
  await done(http, '/api/wallets', { userId, plan });
  return userId;
};
/** What a hold says of the same run. */
export const hold = (userId: string, holdId: string, runId: string, more: object = {}) => ({
  userId,
  holdId,
  runId,
  model: 'gpt-4',
  ...more,
});
/** Its price with a creator fee of 1,000. */
export const COST = {
  inferenceCost: '60000',
  creatorFee: '1000',
  creatorShare: '800',
  platformShare: '200',
  platformMarkup: '0',
  byokFee: '0',
  total: '61000',
  usd: '$0.061',
  policy: 'three-part-v1',
  rateCard: { id: 'standard', version: 1 },
};
export const BALANCE = { held: '0', promo: '0', refund: '0', purchased: '0' };
export const IDS: unknown[] = [expect.stringMatching(/^[0-9a-f-]{36}$/)];
export const TIME: unknown = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
export const POSITION: unknown = expect.stringMatching(/^[0-9a-f]{8}-[1-9][0-9]*$/);
