import { STANDARD_PLANS } from '#libs/ledger/plans/plan-table.js';
import { GRADUATED_V2 } from '#libs/ledger/pricing/graduated-v2.js';
import { TOKEN_CREDITS_V0 } from '#libs/ledger/pricing/token-credits-v0.js';
import { ask, CATALOGUE, charged, DAY_MS, MARCH } from '#test/support/application/past-runs.js';
import { NOTHING, revenueOf, usersCostOf } from './figures.js';
import { figuresAfter } from './reprice.js';

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
    const april = MARCH + 31 * DAY_MS;
    const all = [charged({ fee: 1_000n }), charged(), charged(), charged({ at: april })];
    const { total } = await ask(all, { planTable });
    // 30,000 of the first run (its fee is not covered), 20,000 of 33,000 of the second, then 33,000 in April.
    expect(total.after.allowance).toBe(83_000n);
    expect(usersCostOf(total.before) - usersCostOf(total.after)).toBe(83_000n);
    // Two months of 1,500 plan credits are no longer granted.
    expect([total.grantedBefore, total.grantedAfter]).toEqual([30_000_000n, 0n]);
  });

  test('a BYOK run keeps the share that was in force when it was charged', async () => {
    const at = MARCH + 12 * DAY_MS;
    const all = [
      charged({ byok: true, at, tokens: 1_000 }),
      charged({ byok: true, at: MARCH + 25 * DAY_MS }),
    ];
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
      charged({ at: MARCH + DAY_MS - 1 }),
      charged({ at: MARCH, ranAt: MARCH + DAY_MS }),
    ];
    const answer = await ask(all, { policy: GRADUATED_V2 }, { span: { from: MARCH, to: MARCH + DAY_MS } });
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
