import type { Plan, PlanName } from '#libs/ledger/plans/plan-table.js';
import { AT, type GoldenEvents } from './common.js';

const FREE: Plan = {
  name: 'FREE',
  monthly: { kind: 'granted', planCredits: 10n },
  privatePrompts: { kind: 'limited', max: 3 },
  testRuns: { kind: 'limited', max: 100 },
  storageBytes: { kind: 'limited', max: 1_000_000_000 },
  models: new Set(['deepseek', 'gpt-3.5-turbo']),
  privateModels: false,
  byok: false,
};

/** Every form of limit and of monthly credits is among them. */
const PLANS: Readonly<Record<PlanName, Plan>> = {
  FREE,
  PRO: { ...FREE, name: 'PRO', privatePrompts: { kind: 'unlimited' }, byok: true },
  ELITE: {
    ...FREE,
    name: 'ELITE',
    monthly: {
      kind: 'unlimited',
      covers: ['inference', 'markup', 'byokFee', 'creatorFee'],
      fairUse: 2_000_000_000n,
    },
    testRuns: { kind: 'unlimited' },
  },
  ENTERPRISE: {
    ...FREE,
    name: 'ENTERPRISE',
    monthly: { kind: 'unlimited', covers: ['inference'] },
    storageBytes: { kind: 'custom' },
    privateModels: true,
    byok: true,
  },
};

export const CATALOGUE: GoldenEvents = {
  'RateCardPublished.v1': {
    type: 'RateCardPublished',
    at: AT,
    version: 2,
    effectiveFrom: AT + 60_000,
    cardId: 'standard',
    models: [
      {
        model: 'claude-3-opus',
        input: 15_000_000n,
        output: 75_000_000n,
        cacheRead: 1_500_000n,
        cacheWrite: 18_750_000n,
      },
      { model: 'own-model', input: 1n, output: 2n, customers: new Set(['u-1', 'u-2']) },
    ],
    aliases: [{ alias: 'claude-3-opus-200k', model: 'claude-3-opus' }],
  },
  'PolicyActivated.v1': {
    type: 'PolicyActivated',
    at: AT,
    version: 2,
    effectiveFrom: AT + 60_000,
    policyId: 'graduated-v2',
    cardId: 'standard',
    byokFeeBasisPoints: 333n,
  },
  'PlansPublished.v1': {
    type: 'PlansPublished',
    at: AT,
    version: 2,
    effectiveFrom: AT + 60_000,
    tableId: 'standard',
    planCredit: 10_000n,
    plans: PLANS,
  },
};
