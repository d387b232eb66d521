import fc from 'fast-check';
import { CreatorId, FlowId, PaymentId, PromptId, RunId, UserId } from '#libs/kernel/ids.js';
import type { CreatorPaid } from '#libs/ledger/creator/events.js';
import type { LedgerEvent } from '#libs/ledger/events.js';
import type { PaymentRegistered } from '#libs/ledger/payment/payment.js';
import { PLAN_NAMES } from '#libs/ledger/plans/plan-table.js';
import { TOKENS_MAX } from '#libs/ledger/pricing/tokens.js';
import {
  type CreditsAdded,
  type CreditsExpired,
  type FlowUnlocked,
  LOT_KINDS,
  type PromptCharged,
  type WalletOpened,
} from '#libs/ledger/wallet/events.js';

/** Every event that can be stored, field by field: not only those the deciders happen to make. */

const ID_FIRST = [...'ABCXYZabcxyz0189'];
const ID_REST = [...ID_FIRST, '.', '_', '-'];
const idText = fc
  .tuple(fc.constantFrom(...ID_FIRST), fc.array(fc.constantFrom(...ID_REST), { maxLength: 127 }))
  .map(([first, rest]) => first + rest.join(''));
const userId = idText.map((id) => UserId.of(id));
const text = fc.string({ unit: 'binary', maxLength: 40 });
const amount = fc.oneof(fc.constant(0n), fc.bigInt(0n, 100n), fc.bigInt(0n, 10n ** 18n - 1n));
/** From the epoch to the year 9999. */
const time = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });
const tokenCount = fc.oneof(fc.constant(0), fc.nat(TOKENS_MAX));
const origin = fc.constantFrom(
  'purchased' as const,
  'promo' as const,
  'monthly' as const,
  'adjustment' as const,
  'legacy' as const,
);
const lotPart = { lotId: text, kind: fc.constantFrom(...LOT_KINDS), origin, amount };
const draws = fc.array(fc.record(lotPart), { maxLength: 4 });

const walletOpened: fc.Arbitrary<WalletOpened> = fc.record({
  type: fc.constant('WalletOpened' as const),
  userId,
  at: time,
  plan: fc.constantFrom(...PLAN_NAMES),
  planTable: text,
  planTableVersion: fc.nat(),
});

const creditsAdded: fc.Arbitrary<CreditsAdded> = fc.record(
  {
    type: fc.constant('CreditsAdded' as const),
    userId,
    at: time,
    ...lotPart,
    reason: text,
    reference: text,
    paymentId: idText.map((id) => PaymentId.of(id)),
    expiresAt: time,
    costBasis: fc.record({
      currency: fc.constantFrom('USD', 'EUR'),
      minorUnits: amount,
      providerFeeMinorUnits: amount,
    }),
  },
  { requiredKeys: ['type', 'userId', 'at', 'lotId', 'kind', 'origin', 'amount'] },
);

const creditsExpired: fc.Arbitrary<CreditsExpired> = fc.record({
  type: fc.constant('CreditsExpired' as const),
  userId,
  at: time,
  ...lotPart,
});

const price = {
  inference: amount,
  markup: amount,
  byokFee: amount,
  creatorFee: amount,
  creatorShare: amount,
  platformShare: amount,
  total: amount,
};

const promptCharged: fc.Arbitrary<PromptCharged> = fc
  .tuple(
    fc.record({
      type: fc.constant('PromptCharged' as const),
      userId,
      at: time,
      runId: idText.map((id) => RunId.of(id)),
      model: text,
      inputTokens: tokenCount,
      outputTokens: tokenCount,
      cachedInputTokens: tokenCount,
      cacheWriteTokens: tokenCount,
      purpose: fc.constantFrom('run' as const, 'test' as const),
      byok: fc.boolean(),
      policy: text,
      rateCard: text,
      rateCardVersion: fc.nat(),
      ...price,
      draws,
      allowance: amount,
    }),
    fc.record(
      { promptId: idText.map((id) => PromptId.of(id)), creatorId: userId, ranAt: time },
      { requiredKeys: [] },
    ),
  )
  .map(([required, optional]) => ({ ...required, ...optional }));

const flowUnlocked: fc.Arbitrary<FlowUnlocked> = fc.record({
  type: fc.constant('FlowUnlocked' as const),
  userId,
  at: time,
  flowId: idText.map((id) => FlowId.of(id)),
  creatorId: userId,
  price: amount,
  creatorShare: amount,
  platformShare: amount,
  draws,
});

const creatorPaid: fc.Arbitrary<CreatorPaid> = fc.record({
  type: fc.constant('CreatorPaid' as const),
  creatorId: idText.map((id) => CreatorId.of(id)),
  at: time,
  amount,
  earnedAt: time,
  funding: fc.record({
    purchased: amount,
    promo: amount,
    monthly: amount,
    adjustment: amount,
    legacy: amount,
    allowance: amount,
  }),
  source: fc.record({
    kind: fc.constantFrom('prompt' as const, 'flow' as const),
    position: amount,
    eventId: text,
    userId,
    reference: text,
  }),
});

const paymentRegistered: fc.Arbitrary<PaymentRegistered> = fc.record({
  type: fc.constant('PaymentRegistered' as const),
  paymentId: idText.map((id) => PaymentId.of(id)),
  userId,
  amount,
  at: time,
});

/** One arbitrary for each event type: the compiler says when one is missing. */
export const ARBITRARY_EVENTS: {
  readonly [T in LedgerEvent['type']]: fc.Arbitrary<Extract<LedgerEvent, { type: T }>>;
} = {
  WalletOpened: walletOpened,
  CreditsAdded: creditsAdded,
  CreditsExpired: creditsExpired,
  PromptCharged: promptCharged,
  FlowUnlocked: flowUnlocked,
  CreatorPaid: creatorPaid,
  PaymentRegistered: paymentRegistered,
};
