import fc from 'fast-check';
import { PLAN_NAMES, STANDARD_PLANS } from '#libs/ledger/plans/plan-table.js';
import { GRADUATED_V2 } from '#libs/ledger/pricing/graduated-v2.js';
import { TOKEN_CREDITS_V0 } from '#libs/ledger/pricing/token-credits-v0.js';
import { ask, CATALOGUE, charged, DAY_MS, MARCH } from '#test/support/application/past-runs.js';
import { holds, holdsAsync } from '#test/support/property.js';
import { costChangeOf, type Figures, type Line, NOTHING, sumOf } from './figures.js';
import type { PastRun } from './past-run.js';
import { TopUsers } from './top-users.js';
import type { WhatIfAnswer } from './what-if.js';

const PROPERTY_RUNS = 300;

const CARD_2024 = CATALOGUE.rateCard('token-rates-2024', 1)!;

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
      const at = MARCH + day * DAY_MS;
      const run = charged({
        ...rest,
        userId: `u-${user}`,
        at,
        fee: BigInt(fee),
        ...(late ? { ranAt: at - DAY_MS } : {}),
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
