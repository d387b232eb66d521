import { UserId, CreatorId, FlowId, PaymentId, PromptId, RunId } from '#libs/kernel/ids.js';
import type { CreatorPaid } from '#libs/ledger/creator/events.js';
import type { PaymentRegistered } from '#libs/ledger/payment/payment.js';
import type {
  CreditsAdded,
  CreditsExpired,
  FlowUnlocked,
  PromptCharged,
  WalletOpened,
} from '#libs/ledger/wallet/events.js';
import type { LoggedEvent } from '#libs/projection-runner/projection.js';

export const AT = Date.UTC(2026, 2, 14, 15, 9, 26);
export const MARCH = Date.UTC(2026, 2, 1);
export const APRIL = Date.UTC(2026, 3, 1);
export const EVENT_ID = '0b7c1f5e-9a3d-4c62-8f10-2d4e6a8b9c01';

/** An event as projections get it: position 42, revision 3 of wallet-u-1, available 700 afterwards. */
export function logged(event: LoggedEvent['event'], how: Partial<LoggedEvent> = {}): LoggedEvent {
  return {
    event,
    id: EVENT_ID,
    stream: 'wallet-u-1',
    revision: 3,
    position: 42n,
    recordedAt: AT + 5,
    metadata: {
      principal: 'local',
      key: 'key-1',
      bodyHash: 'hash-1',
      balance: { available: 700n, held: 0n, monthly: 0n, promo: 0n, refund: 0n, purchased: 700n },
    },
    ...how,
  };
}

const USER = UserId.of('u-1');

export const opened: WalletOpened = {
  type: 'WalletOpened',
  userId: USER,
  at: AT,
  plan: 'PRO',
  planTable: 'standard',
  planTableVersion: 1,
};

export const bought: CreditsAdded = {
  type: 'CreditsAdded',
  userId: USER,
  at: AT,
  lotId: 'lot-1',
  kind: 'purchased',
  origin: 'purchased',
  amount: 1_000n,
  reference: 'pay-1',
  paymentId: PaymentId.of('pay-1'),
};

export const granted: CreditsAdded = {
  type: 'CreditsAdded',
  userId: USER,
  at: AT,
  lotId: 'monthly-2026-03',
  kind: 'monthly',
  origin: 'monthly',
  amount: 15_000_000n,
  expiresAt: APRIL,
};

export const expired: CreditsExpired = {
  type: 'CreditsExpired',
  userId: USER,
  at: AT,
  lotId: 'monthly-2026-02',
  kind: 'monthly',
  origin: 'monthly',
  amount: 250n,
};

export const charged: PromptCharged = {
  type: 'PromptCharged',
  userId: USER,
  at: AT,
  runId: RunId.of('run-1'),
  promptId: PromptId.of('prompt-1'),
  model: 'gpt-4',
  inputTokens: 5,
  outputTokens: 3,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  purpose: 'run',
  byok: false,
  creatorId: UserId.of('c-1'),
  policy: 'three-part-v1',
  rateCard: 'standard',
  rateCardVersion: 1,
  inference: 330n,
  markup: 0n,
  byokFee: 0n,
  creatorFee: 99n,
  creatorShare: 80n,
  platformShare: 19n,
  total: 429n,
  draws: [
    { lotId: 'monthly-2026-03', kind: 'monthly', origin: 'monthly', amount: 129n },
    { lotId: 'lot-1', kind: 'purchased', origin: 'purchased', amount: 300n },
  ],
  allowance: 0n,
};

export const unlocked: FlowUnlocked = {
  type: 'FlowUnlocked',
  userId: USER,
  at: AT,
  flowId: FlowId.of('flow-1'),
  creatorId: UserId.of('c-1'),
  price: 7n,
  creatorShare: 6n,
  platformShare: 1n,
  draws: [{ lotId: 'lot-1', kind: 'purchased', origin: 'purchased', amount: 7n }],
};

export const paid: CreatorPaid = {
  type: 'CreatorPaid',
  creatorId: CreatorId.of('c-1'),
  at: AT + 60,
  amount: 80n,
  earnedAt: AT,
  funding: { purchased: 56n, promo: 0n, monthly: 24n, adjustment: 0n, legacy: 0n, allowance: 0n },
  source: { kind: 'prompt', position: 42n, eventId: EVENT_ID, userId: USER, reference: 'run-1' },
};

export const registered: PaymentRegistered = {
  type: 'PaymentRegistered',
  paymentId: PaymentId.of('pay-1'),
  userId: USER,
  amount: 1_000n,
  at: AT,
};
