import {
  comparePlans,
  fits,
  monthlyGrant,
  PLAN_CREDIT_DEFAULT,
  PLAN_NAMES,
  type PlanName,
  STANDARD_PLANS,
} from './plan-table.js';

const PLANS = STANDARD_PLANS.plans;
const GB = 10 ** 9;
const UNLIMITED = { kind: 'unlimited' };
const upTo = (max: number) => ({ kind: 'limited', max });

/** The first plan of the table that includes the model; every larger one does too. */
const MODELS: readonly (readonly [model: string, from: PlanName])[] = [
  ['deepseek', 'FREE'],
  ['gpt-3.5-turbo', 'FREE'],
  ['gpt-4', 'PRO'],
  ['gpt-4-turbo', 'ELITE'],
  ['claude-3-opus', 'ELITE'],
  ['claude-3-sonnet', 'ELITE'],
  ['mistral-large', 'ELITE'],
  ['mixtral-8x7b', 'ELITE'],
  ['gpt-4-32k', 'ENTERPRISE'],
  ['claude-3-opus-200k', 'ENTERPRISE'],
];

/** The table of domain rules, section 3, a second time: one test a row. */
describe('the plans FREE, PRO, ELITE, ENTERPRISE', () => {
  const row = (of: (plan: (typeof PLANS)[PlanName]) => unknown) => PLAN_NAMES.map((name) => of(PLANS[name]));

  test('are ordered from the smallest to the largest', () => {
    expect(PLAN_NAMES).toEqual(['FREE', 'PRO', 'ELITE', 'ENTERPRISE']);
    expect(comparePlans('FREE', 'PRO')).toBeLessThan(0);
    expect(comparePlans('ENTERPRISE', 'ELITE')).toBeGreaterThan(0);
  });

  test('private prompts: 3, unlimited, unlimited, unlimited', () => {
    expect(row((plan) => plan.privatePrompts)).toEqual([upTo(3), UNLIMITED, UNLIMITED, UNLIMITED]);
  });

  test('test runs a month: 100, unlimited, unlimited, unlimited', () => {
    expect(row((plan) => plan.testRuns)).toEqual([upTo(100), UNLIMITED, UNLIMITED, UNLIMITED]);
  });

  test('storage: 1 GB, 10 GB, 50 GB, custom; 1 GB = 10^9 bytes', () => {
    expect(row((plan) => plan.storageBytes)).toEqual([
      upTo(GB),
      upTo(10 * GB),
      upTo(50 * GB),
      { kind: 'custom' },
    ]);
  });

  test.each(PLAN_NAMES)('models of %s', (name) => {
    const included = MODELS.filter(([, from]) => comparePlans(from, name) <= 0).map(([model]) => model);
    expect([...PLANS[name].models].sort()).toEqual([...included].sort());
  });

  test('custom and private models: on ENTERPRISE alone', () => {
    expect(row((plan) => plan.privateModels)).toEqual([false, false, false, true]);
  });

  test('BYOK: no, yes, yes, yes', () => {
    expect(row((plan) => plan.byok)).toEqual([false, true, true, true]);
  });

  test('monthly plan credits: 10, 1,500, unlimited, unlimited', () => {
    expect(row(({ monthly }) => (monthly.kind === 'granted' ? monthly.planCredits : monthly.kind))).toEqual([
      10n,
      1_500n,
      'unlimited',
      'unlimited',
    ]);
  });

  test('1 plan credit = 10,000 credits ($0.01)', () => {
    expect(PLAN_CREDIT_DEFAULT).toBe(10_000n);
    expect(STANDARD_PLANS.planCredit).toBe(10_000n);
    expect(PLAN_NAMES.map((name) => monthlyGrant(name, STANDARD_PLANS))).toEqual([
      100_000n,
      15_000_000n,
      0n,
      0n,
    ]);
  });

  test('an allowance covers inference, markup and BYOK fee, and has no fair-use limit unless given one', () => {
    const allowance = { kind: 'unlimited', covers: ['inference', 'markup', 'byokFee'] };
    expect([PLANS.ELITE.monthly, PLANS.ENTERPRISE.monthly]).toEqual([allowance, allowance]);
  });

  test('unlimited is a tagged value, never null, -1 or Infinity', () => {
    const values = (value: unknown): readonly unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value).flatMap(values) : [value];
    const all = PLAN_NAMES.flatMap((name) => values(PLANS[name]));
    expect(all).toContain('unlimited');
    expect(all.filter((value) => value === null || value === undefined)).toEqual([]);
    expect(all.filter((value) => typeof value === 'number' && !(value > 0 && value < Infinity))).toEqual([]);
  });
});

describe('room under a limit', () => {
  test.each([
    ['the last one fits', upTo(3), 2, 1, true],
    ['one more does not', upTo(3), 3, 1, false],
    ['after a downgrade even less', upTo(3), 7, 1, false],
    ['nothing fits a full plan when it is no more', upTo(3), 3, 0, true],
    ['unlimited', UNLIMITED, 10 ** 9, 1, true],
    ['custom is agreed outside the ledger', { kind: 'custom' }, 10 ** 12, 1, true],
  ] as const)('%s', (_rule, limit, used, more, room) => {
    expect(fits(limit as Parameters<typeof fits>[0], used, more)).toBe(room);
  });
});
