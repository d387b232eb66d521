import { HoldId, RunId } from '#libs/kernel/ids.js';
import { AT, CREATOR, type GoldenEvents, USER } from './common.js';

export const HOLDS: GoldenEvents = {
  'CreditsHeld.v1': {
    type: 'CreditsHeld',
    userId: USER,
    at: AT,
    holdId: HoldId.of('hold-1'),
    runId: RunId.of('run-1'),
    model: 'claude-3-opus-200k',
    purpose: 'test',
    byok: true,
    creatorId: CREATOR,
    creatorFee: 1_003n,
    amount: 34_149n,
    parts: [
      { lotId: 'monthly-2026-11', kind: 'monthly', origin: 'monthly', amount: 149n },
      { lotId: 'lot-1', kind: 'promo', origin: 'adjustment', amount: 4_000n },
    ],
    allowance: 30_000n,
    policy: 'graduated-v2',
    rateCard: 'standard',
    rateCardVersion: 2,
    byokFeeBasisPoints: 333n,
    expiresAt: AT + 900_000,
  },
  'HoldReleased.v1': {
    type: 'HoldReleased',
    userId: USER,
    at: AT,
    holdId: HoldId.of('hold-1'),
    runId: RunId.of('run-1'),
    cause: 'timeout',
    parts: [
      { lotId: 'monthly-2026-11', kind: 'monthly', origin: 'monthly', amount: 149n },
      { lotId: 'lot-1', kind: 'promo', origin: 'adjustment', amount: 4_000n },
    ],
  },
};
