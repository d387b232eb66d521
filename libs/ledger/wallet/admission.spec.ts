import { RunId } from '#libs/kernel/ids.js';
import type { PlanName } from '../plans/plan-table.js';
import { STANDARD_RATE_CARD } from '../pricing/rate-card.js';
import type { Terms } from '../pricing/terms.js';
import { TOKEN_CREDITS_V0 } from '../pricing/token-credits-v0.js';
import { given, liveWallet, TERMS, termsWith } from '#test/support/ledger/given.js';
import { authorise, HOLD, held } from '#test/support/ledger/run-builders.js';
import {
  added,
  charge,
  charged,
  draw,
  granted,
  NOVEMBER_END,
  NOW,
  opened,
  OPENED_AT,
  tokens,
  USER,
  utc,
} from '#test/support/ledger/wallet-builders.js';
import type { QuotedTerms } from './commands.js';
import type { WalletEvent } from './events.js';

const bought: readonly WalletEvent[] = [opened(), added('a', 'purchased', 1_000_000n)];

describe('a model absent from the card', () => {
  const everythingWrong = { model: 'gpt-5', byok: true, purpose: 'test' } as const;

  test.each(['FREE', 'PRO', 'ELITE', 'ENTERPRISE'] as const)(
    'is refused before any plan check, never free: %s',
    (plan) => {
      const refusal = { code: 'model.unpriced', model: 'gpt-5' } as const;
      given(opened(plan)).when(charge(everythingWrong)).thenRefused(refusal);
      given(opened(plan)).when(authorise(1n, everythingWrong)).thenRefused(refusal);
    },
  );

  test('also when it has a price under another policy: v0 prices three models', () => {
    given(...bought)
      .when(charge({ model: 'gpt-4-turbo' }), { terms: termsWith({ pricing: { policy: TOKEN_CREDITS_V0 } }) })
      .thenRefused({ code: 'model.unpriced', model: 'gpt-4-turbo' });
  });
});

describe('plan checks use the requested name, before aliases', () => {
  test('ELITE includes claude-3-opus, not its alias claude-3-opus-200k, at the same price', () => {
    const run = charge({ model: 'claude-3-opus' });
    expect(given(opened('ELITE')).when(run).decision.kind).toBe('accepted');
    given(opened('ELITE'))
      .when({ ...run, model: 'claude-3-opus-200k' })
      .thenRefused({ code: 'plan.model_not_included', model: 'claude-3-opus-200k' });
  });
});

describe('private and custom models carry the list of customers who may use them', () => {
  const models = new Map(STANDARD_RATE_CARD.models);
  const rates = { input: 1_000_000n, output: 1_000_000n };
  models.set('acme-7b', { ...rates, customers: new Set([USER]) });
  models.set('other-7b', { ...rates, customers: new Set(['u-other']) });
  // A public name that somebody has as a private one is no longer for everybody.
  models.set('deepseek', { ...rates, customers: new Set(['u-other']) });
  const terms = termsWith({ pricing: { rateCard: { ...STANDARD_RATE_CARD, models } } });
  const runs = (plan: PlanName, model: string) =>
    given(opened(plan), added('a', 'purchased', 10_000n)).when(charge({ model }), { terms }).decision;

  test('a customer on ENTERPRISE runs it', () => {
    expect(runs('ENTERPRISE', 'acme-7b')).toMatchObject({
      kind: 'accepted',
      events: [{ inference: 1_000n }],
    });
  });

  test.each([
    ['a customer on a plan without private models', 'ELITE', 'acme-7b'],
    ['another customer’s model', 'ENTERPRISE', 'other-7b'],
    ['a listed name that is private now', 'ENTERPRISE', 'deepseek'],
  ] as const)('refused: %s', (_who, plan, model) => {
    expect(runs(plan, model)).toEqual({
      kind: 'refused',
      refusal: { code: 'plan.model_not_included', model },
    });
  });
});

describe('test runs', () => {
  const testRun = charge({ purpose: 'test' });

  test('are priced as runs', () => {
    given(...bought)
      .when(testRun)
      .then(charged([draw('a', 'purchased', 33_000n)], { purpose: 'test' }));
  });

  test('and counted too; runs are not', () => {
    const used = (...events: readonly WalletEvent[]) => liveWallet(...bought, ...events).testRuns.used;
    const free = { inference: 0n, markup: 0n, total: 0n };
    expect(used(charged([], { ...free, purpose: 'test' }))).toBe(1);
    expect(used(charged([], free))).toBe(0);
  });

  test('100 a month: the count begins anew with the month', () => {
    const free = { inference: 0n, markup: 0n, total: 0n, purpose: 'test' } as const;
    const hundred = Array.from({ length: 100 }, (_, i) =>
      charged([], { ...free, runId: RunId.of(`t-${i}`) }),
    );
    const command = charge({ purpose: 'test', model: 'deepseek', tokens: tokens(0) });
    given(opened('FREE'), ...hundred)
      .when(command, { at: NOVEMBER_END - 1 })
      .thenRefused({ code: 'plan.test_runs_exhausted' });
    expect(given(opened('FREE'), ...hundred).when(command, { at: NOVEMBER_END }).decision.kind).toBe(
      'accepted',
    );
  });
});

describe('ranAt is for analytics, forecast and what-if only: price, period and expiry use t', () => {
  const october = utc('2026-10-15T12:00:00.000');
  const changing: Terms = {
    ...termsWith({}),
    pricingAt: (t: number) =>
      t === NOW ? TERMS.pricingAt(t) : { ...TERMS.pricingAt(t), policy: TOKEN_CREDITS_V0 },
  };

  test('the price is that of the moment of the charge', () => {
    given(...bought)
      .when(charge({ ranAt: october }), { terms: changing })
      .then(charged([draw('a', 'purchased', 33_000n)], { ranAt: october }));
  });

  test('the month whose allowance and test runs it uses is that of the charge', () => {
    const run = charged([], { ranAt: october, purpose: 'test', allowance: 33_000n });
    const { allowance, testRuns } = liveWallet(opened('ELITE'), run);
    expect([allowance, testRuns]).toEqual([
      { period: utc('2026-11-01T00:00:00.000'), used: 33_000n },
      { period: utc('2026-11-01T00:00:00.000'), used: 1 },
    ]);
  });

  test('a lot that has lapsed since the run took place does not pay', () => {
    given(opened(), added('a', 'promo', 50_000n, { expiresAt: NOW }))
      .when(charge({ ranAt: NOW - 1 }))
      .thenRefused({ code: 'wallet.insufficient_credits', needed: 33_000n, available: 0n });
  });
});

describe('a quote', () => {
  const quote: QuotedTerms = {
    policy: 'graduated-v2',
    rateCard: 'standard',
    rateCardVersion: 1,
    byokFeeBasisPoints: 0n,
    expiresAt: NOW + 1,
  };
  const graduated = { policy: 'graduated-v2', markup: 4_000n, total: 34_000n };

  test('prices a later charge by the same policy and card, up to its last millisecond', () => {
    given(...bought)
      .when(charge({ quote }))
      .then(charged([draw('a', 'purchased', 34_000n)], graduated));
    given(...bought)
      .when(charge({ quote: { ...quote, expiresAt: NOW } }))
      .thenRefused({ code: 'quote.expired' });
  });

  test('fixes a hold, and so its settle after the quote has ended', () => {
    const parts = [draw('a', 'purchased', 34_000n)];
    const hold = held(34_000n, parts, { policy: 'graduated-v2' });
    given(...bought)
      .when(authorise(0n, { quote, estimate: { tokens: tokens(1_000) } }))
      .then(hold);
    given(...bought, hold)
      .when(charge({ holdId: HOLD }), { at: NOW + 5 })
      .then(charged(parts, { ...graduated, at: NOW + 5, holdId: HOLD }));
  });
});

describe('an upgrade grants max(0, new - old)', () => {
  const upgraded = (planCredits: bigint) =>
    given(opened('FREE'), granted(100_000n, OPENED_AT, NOVEMBER_END)).when(
      { type: 'ChangePlan', userId: USER, plan: 'PRO', mayGrant: true },
      { terms: termsWith({ plans: { PRO: { monthly: { kind: 'granted', planCredits } } } }) },
    ).decision;

  test.each([
    ['more: the difference', 11n, [{ type: 'PlanChanged' }, { type: 'CreditsAdded', amount: 10_000n }]],
    ['as much: nothing', 10n, [{ type: 'PlanChanged' }]],
    ['less: nothing, and nothing is taken', 9n, [{ type: 'PlanChanged' }]],
  ])('%s', (_rule, planCredits, events) => {
    const decision = upgraded(planCredits);
    expect(decision).toMatchObject({ kind: 'accepted', events });
    expect(decision.kind === 'accepted' && decision.events).toHaveLength(events.length);
  });
});
