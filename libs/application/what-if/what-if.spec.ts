import fc from 'fast-check';
import { createCatalogue } from '#libs/ledger/catalogue/catalogue.js';
import { seedEvents } from '#libs/ledger/catalogue/standard.js';
import { PLAN_NAMES, STANDARD_PLANS } from '#libs/ledger/plans/plan-table.js';
import { GRADUATED_V2 } from '#libs/ledger/pricing/graduated-v2.js';
import { policyOf } from '#libs/ledger/pricing/policies.js';
import { priceRun } from '#libs/ledger/pricing/policy.js';
import { TOKEN_CREDITS_V0 } from '#libs/ledger/pricing/token-credits-v0.js';
import { holds, holdsAsync } from '#test/support/property.js';
import { costChangeOf, type Figures, type Line, NOTHING, revenueOf, sumOf, usersCostOf } from './figures.js';
import type { PastRun } from './past-run.js';
import { figuresAfter, type OtherTerms } from './reprice.js';
import { TopUsers } from './top-users.js';
import { type Span, whatIf, type WhatIfAnswer } from './what-if.js';

const PROPERTY_RUNS = 300;
const MARCH = Date.UTC(2026, 2, 1);
const DAY = 86_400_000;
const ALWAYS: Span = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** The shipped catalogue; from 10 March BYOK runs pay 5 %, from 20 March 7 %. */
const CATALOGUE = createCatalogue([
  ...seedEvents(),
  ...[500n, 700n].map((byokFeeBasisPoints, i) => ({
    type: 'PolicyActivated' as const,
    at: MARCH,
    version: i + 2,
    effectiveFrom: MARCH + (9 + 10 * i) * DAY,
    policyId: 'three-part-v1',
    cardId: 'standard',
    byokFeeBasisPoints,
  })),
]);

interface Charge {
  readonly userId?: string;
  readonly plan?: PastRun['plan'];
  readonly model?: string;
  readonly at?: number;
  readonly ranAt?: number;
  readonly tokens?: number;
  readonly fee?: bigint;
  readonly byok?: boolean;
  readonly policy?: string;
  readonly rateCard?: string;
  readonly refunded?: PastRun['refunded'];
}

let runs = 0;

/** A run charged by its own terms, as the ledger would have charged it. */
function charged(charge: Charge = {}): PastRun {
  const { userId = 'u-1', plan = 'PRO', model = 'gpt-4', at = MARCH, tokens = 1_000, fee = 0n } = charge;
  const { byok = false, policy = 'three-part-v1', rateCard = 'standard', ranAt, refunded } = charge;
  const counts = { inputTokens: tokens, outputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0 };
  const creator = fee === 0n ? {} : { creatorId: 'c-1' };
  const terms = {
    rateCard: CATALOGUE.rateCard(rateCard, 1)!,
    policy: policyOf(policy)!,
    byokFeeBasisPoints: CATALOGUE.activationAt(at)!.byokFeeBasisPoints,
    planCredit: CATALOGUE.plansAt(at).planCredit,
  };
  const price = priceRun({ model, tokens: counts, byok, payer: userId, creatorFee: fee, ...creator }, terms);
  if (price === undefined) throw new Error(`${model} has no price on ${rateCard}`);
  const { monthly } = STANDARD_PLANS.plans[plan];
  return {
    userId,
    runId: `run-${++runs}`,
    plan,
    at,
    model,
    byok,
    tokens: counts,
    policy,
    rateCard,
    rateCardVersion: 1,
    price,
    allowance: monthly.kind === 'unlimited' ? price.total - price.creatorFee : 0n,
    ...creator,
    ...(ranAt === undefined ? {} : { ranAt }),
    ...(refunded === undefined ? {} : { refunded }),
  };
}

async function* paged(all: readonly PastRun[], size = 3): AsyncGenerator<readonly PastRun[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

const ask = (all: readonly PastRun[], other: OtherTerms, more: { span?: Span; usersMax?: number } = {}) =>
  whatIf(paged(all), { span: ALWAYS, usersMax: 20, catalogue: CATALOGUE, ...more, other });

const CARD_2024 = CATALOGUE.rateCard('token-rates-2024', 1)!;

describe('priced again under other terms', () => {
  test('another rate card: deepseek at $0.28 a million, and at $1', async () => {
    const run = charged({ model: 'deepseek', tokens: 1_000_000 });
    expect(run.price).toMatchObject({ inference: 280_000n, markup: 500n });
    const { total } = await ask([run], { rateCard: CARD_2024 });
    expect([usersCostOf(total.before), usersCostOf(total.after)]).toEqual([280_500n, 1_000_500n]);
  });

  test('another policy: the markup has no cliff', async () => {
    // 10,000 credits of inference: 1,000 of markup by v1, 2,000 by v2.
    const run = charged({ model: 'gpt-3.5-turbo', tokens: 20_000 });
    const { total } = await ask([run], { policy: GRADUATED_V2 });
    expect(total).toMatchObject({
      runs: 1,
      before: { inference: 10_000n, markup: 1_000n },
      after: { inference: 10_000n, markup: 2_000n },
    });
  });

  test('creators, platform and users are told apart', async () => {
    const run = charged({ fee: 1_000n });
    const { total } = await ask([run], { policy: TOKEN_CREDITS_V0 });
    // 1,000 tokens at 8 a plan credit: 125 plan credits of 10,000.
    expect(total.before).toEqual({ ...NOTHING, inference: 30_000n, platformShare: 200n, creatorShare: 800n });
    expect(total.after).toEqual({
      ...NOTHING,
      inference: 1_250_000n,
      platformShare: 200n,
      creatorShare: 800n,
    });
    expect([revenueOf(total.after), usersCostOf(total.after)]).toEqual([1_250_200n, 1_251_000n]);
  });

  test('a run that has no price on the other card is counted and listed, never free', async () => {
    const all = [
      charged(),
      charged({ model: 'mistral-large', plan: 'ELITE' }),
      charged({ model: 'mistral-large', plan: 'ELITE' }),
    ];
    const answer = await ask(all, { rateCard: CARD_2024 });
    expect(answer.total.runs).toBe(1);
    expect(answer.refused).toEqual([
      {
        reason: 'model.unpriced',
        model: 'mistral-large',
        plan: 'ELITE',
        runs: 2,
        before: { ...NOTHING, inference: 4_000n, markup: 800n, allowance: 4_800n },
      },
    ]);
  });

  test('a plan table without the model, or without own keys, refuses what the plan at the time allowed', async () => {
    const plans = STANDARD_PLANS.plans;
    const planTable = {
      ...STANDARD_PLANS,
      id: 'leaner',
      plans: { ...plans, PRO: { ...plans.PRO, models: new Set(['deepseek']), byok: false } },
    };
    const all = [
      charged(),
      charged({ model: 'deepseek' }),
      charged({ model: 'deepseek', byok: true }),
      // Settled after a downgrade: its own plan did not include it either.
      charged({ plan: 'FREE' }),
    ];
    const answer = await ask(all, { planTable });
    expect(answer.refused.map(({ reason, model, runs: count }) => [reason, model, count])).toEqual([
      ['plan.byok_not_included', 'deepseek', 1],
      ['plan.model_not_included', 'gpt-4', 1],
    ]);
    expect(answer.byPlan.map(({ plan, runs: count }) => [plan, count])).toEqual([
      ['FREE', 1],
      ['PRO', 1],
    ]);
  });

  test('a plan table that makes a plan unlimited takes its runs off the users, up to fair use', async () => {
    const plans = STANDARD_PLANS.plans;
    const monthly = { kind: 'unlimited', covers: ['inference', 'markup'], fairUse: 50_000n } as const;
    const planTable = { ...STANDARD_PLANS, plans: { ...plans, PRO: { ...plans.PRO, monthly } } };
    const april = MARCH + 31 * DAY;
    const all = [charged({ fee: 1_000n }), charged(), charged(), charged({ at: april })];
    const { total } = await ask(all, { planTable });
    // 30,000 of the first run (its fee is not covered), 20,000 of 33,000 of the second, then 33,000 in April.
    expect(total.after.allowance).toBe(83_000n);
    expect(usersCostOf(total.before) - usersCostOf(total.after)).toBe(83_000n);
    // Two months of 1,500 plan credits are no longer granted.
    expect([total.grantedBefore, total.grantedAfter]).toEqual([30_000_000n, 0n]);
  });

  test('a BYOK run keeps the share that was in force when it was charged', async () => {
    const at = MARCH + 12 * DAY;
    const all = [charged({ byok: true, at, tokens: 1_000 }), charged({ byok: true, at: MARCH + 25 * DAY })];
    expect(all.map(({ price }) => price.byokFee)).toEqual([1_500n, 2_100n]);
    const dearer = {
      ...CARD_2024,
      models: new Map([['gpt-4', { input: 60_000_000n, output: 60_000_000n }]]),
    };
    expect((await ask(all, { rateCard: dearer })).total.after.byokFee).toBe(7_200n);
  });

  test('a span goes by when runs took place, half-open', async () => {
    const all = [
      charged({ at: MARCH, ranAt: MARCH - 1 }),
      charged({ at: MARCH }),
      charged({ at: MARCH + DAY - 1 }),
      charged({ at: MARCH, ranAt: MARCH + DAY }),
    ];
    const answer = await ask(all, { policy: GRADUATED_V2 }, { span: { from: MARCH, to: MARCH + DAY } });
    expect(answer.total.runs).toBe(2);
  });

  test('runs that do not come user by user are an error, not a wrong sum', async () => {
    const all = [charged({ userId: 'u-2' }), charged({ userId: 'u-1' })];
    await expect(ask(all, {})).rejects.toThrow('sort them by user');
  });
});

describe('refunds', () => {
  const parts = (inference: bigint, markup: bigint) => ({
    inference,
    markup,
    byokFee: 0n,
    platformShare: 0n,
    creatorShare: 0n,
  });
  const twice = { ...CARD_2024, models: new Map([['gpt-4', { input: 60_000_000n, output: 0n }]]) };

  test('one in full stays one in full', async () => {
    const { total } = await ask([charged({ refunded: parts(30_000n, 3_000n) })], { rateCard: twice });
    expect([total.before, total.after]).toEqual([NOTHING, NOTHING]);
  });

  test('a partial one keeps its share of the price', async () => {
    const { total } = await ask([charged({ refunded: parts(10_000n, 1_000n) })], { rateCard: twice });
    expect(total.before).toEqual({ ...NOTHING, inference: 20_000n, markup: 2_000n });
    // A third of 66,000 is given back: 20,000 of 60,000 and 2,000 of 6,000.
    expect(total.after).toEqual({ ...NOTHING, inference: 40_000n, markup: 4_000n });
  });

  test('what an allowance covered goes back to it, after the lots', () => {
    const run = charged({
      plan: 'ELITE',
      fee: 3_000n,
      refunded: { ...parts(15_000n, 0n), creatorShare: 1_200n, platformShare: 300n },
    });
    expect(run).toMatchObject({ allowance: 30_000n, price: { total: 33_000n } });
    const price = { ...run.price, inference: 60_000n, total: 63_000n };
    // Half of 63,000 is refunded: 3,000 to lots, 28,500 to the allowance.
    expect(figuresAfter(run, price, 60_000n)).toEqual({
      ...NOTHING,
      inference: 30_000n,
      platformShare: 300n,
      creatorShare: 1_200n,
      allowance: 31_500n,
    });
  });
});

const charges = fc.array(
  fc.record({
    user: fc.nat(5),
    plan: fc.constantFrom(...PLAN_NAMES),
    model: fc.constantFrom('gpt-4', 'deepseek', 'gpt-3.5-turbo'),
    day: fc.nat(60),
    late: fc.boolean(),
    tokens: fc.oneof(fc.nat(50), fc.nat(10_000_000)),
    fee: fc.oneof(fc.constant(0), fc.nat(5_000)),
    byok: fc.boolean(),
    policy: fc.constantFrom('three-part-v1', 'graduated-v2', 'token-credits-v0'),
    rateCard: fc.constantFrom('standard', 'token-rates-2024'),
    refundedPercent: fc.oneof(fc.constant(0), fc.nat(100)),
  }),
  { maxLength: 40 },
);

type Charges = typeof charges extends fc.Arbitrary<infer T> ? T : never;

/** Charged runs, some refunded in part by a rule of its own: any parts within the charge. */
function pastRuns(list: Charges): readonly PastRun[] {
  return list
    .map(({ user, day, late, fee, refundedPercent, ...rest }) => {
      const at = MARCH + day * DAY;
      const run = charged({
        ...rest,
        userId: `u-${user}`,
        at,
        fee: BigInt(fee),
        ...(late ? { ranAt: at - DAY } : {}),
      });
      const share = (amount: bigint): bigint => (amount * BigInt(refundedPercent)) / 100n;
      const { inference, markup, byokFee, platformShare, creatorShare } = run.price;
      const refunded = {
        inference: share(inference),
        markup: share(markup),
        byokFee: share(byokFee),
        platformShare: share(platformShare),
        creatorShare: share(creatorShare),
      };
      return refundedPercent === 0 ? run : { ...run, refunded };
    })
    .sort((a, b) => (a.userId < b.userId ? -1 : a.userId > b.userId ? 1 : 0));
}

const figuresOf = (lines: readonly Line[], side: 'before' | 'after'): Figures =>
  lines.map((line) => line[side]).reduce(sumOf, NOTHING);

function expectSums({ total, byModel, byPlan, byUser, otherUsers }: WhatIfAnswer): void {
  for (const lines of [byModel, byPlan, [...byUser, otherUsers]]) {
    expect(figuresOf(lines, 'before')).toEqual(total.before);
    expect(figuresOf(lines, 'after')).toEqual(total.after);
    expect(lines.reduce((sum, line) => sum + line.runs, 0)).toBe(total.runs);
  }
  for (const lines of [byPlan, [...byUser, otherUsers]]) {
    expect(lines.reduce((sum, line) => sum + line.grantedAfter, 0n)).toBe(total.grantedAfter);
  }
}

test('repricing under the very terms of the runs changes nothing, refunds and BYOK included', async () => {
  await holdsAsync(
    'what-if: identity',
    PROPERTY_RUNS,
    fc.asyncProperty(charges, async (list) => {
      const all = pastRuns(list);
      const answer = await ask(all, {});
      expect(answer.refused).toEqual([]);
      expect(answer.total.runs).toBe(all.length);
      expect(answer.total.after).toEqual(answer.total.before);
      for (const line of [...answer.byModel, ...answer.byPlan, ...answer.byUser])
        expect(line.after).toEqual(line.before);
      expect(answer.total.grantedAfter).toBe(answer.total.grantedBefore);
      // The same plan table, named: allowances are computed again, and come to the same.
      const named = await ask(all, { planTable: STANDARD_PLANS });
      expect(named.total.after).toEqual(named.total.before);
    }),
  );
});

test('models, plans and users each sum to the total, whatever the other terms', async () => {
  await holdsAsync(
    'what-if: sums',
    PROPERTY_RUNS,
    fc.asyncProperty(
      charges,
      fc.constantFrom(GRADUATED_V2, TOKEN_CREDITS_V0),
      fc.boolean(),
      async (list, policy, card) => {
        const all = pastRuns(list);
        const answer = await ask(all, { policy, ...(card ? { rateCard: CARD_2024 } : {}) }, { usersMax: 2 });
        expectSums(answer);
        expect(answer.byUser.length).toBeLessThanOrEqual(2);
        for (const figures of [answer.total.before, answer.total.after]) {
          for (const amount of Object.values(figures) as bigint[]) expect(amount >= 0n).toBe(true);
        }
      },
    ),
  );
});

test('the users told apart are those whose cost changes most', () => {
  const line = (change: number): Line => ({
    runs: 1,
    before: NOTHING,
    after: { ...NOTHING, inference: BigInt(change) },
    grantedBefore: 0n,
    grantedAfter: 0n,
  });
  holds(
    'top users',
    PROPERTY_RUNS,
    fc.property(
      fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 60 }),
      fc.integer({ min: 0, max: 10 }),
      (changes, max) => {
        const top = new TopUsers(max);
        const all = changes.map((change, i) => ({
          userId: `u-${String(i).padStart(3, '0')}`,
          ...line(change),
        }));
        for (const user of all) top.add(user);
        const heaviest = [...all]
          .sort((a, b) => {
            const by = Math.abs(Number(costChangeOf(b))) - Math.abs(Number(costChangeOf(a)));
            return by === 0 ? (a.userId < b.userId ? -1 : 1) : by;
          })
          .slice(0, max);
        expect(top.users).toEqual(heaviest);
        expect(top.others.users).toBe(all.length - heaviest.length);
      },
    ),
  );
});
