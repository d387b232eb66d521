import fc from 'fast-check';
import type { CatalogueEvent } from '#libs/ledger/catalogue/events.js';
import {
  COVERED_COMPONENTS,
  type MonthlyCredits,
  PLAN_NAMES,
  type Plan,
  type PlanLimit,
  type PlanName,
} from '#libs/ledger/plans/plan-table.js';
import { amount, type ArbitraryEvents, text, time, withOptional } from './common.js';

const published = <T extends string>(type: T) => ({
  type: fc.constant(type),
  at: time,
  version: fc.nat(),
  effectiveFrom: time,
});
const texts = fc.array(text, { maxLength: 4 }).map((names) => new Set(names));

const limit: fc.Arbitrary<PlanLimit> = fc.oneof(
  fc.record({ kind: fc.constant('limited' as const), max: fc.nat() }),
  fc.record({ kind: fc.constant('unlimited' as const) }),
  fc.record({ kind: fc.constant('custom' as const) }),
);
const monthly: fc.Arbitrary<MonthlyCredits> = fc.oneof(
  fc.record({ kind: fc.constant('granted' as const), planCredits: amount }),
  withOptional(
    { kind: fc.constant('unlimited' as const), covers: fc.subarray([...COVERED_COMPONENTS]) },
    { fairUse: amount },
  ),
);
const plan = (name: PlanName): fc.Arbitrary<Plan> =>
  fc.record({
    name: fc.constant(name),
    monthly,
    privatePrompts: limit,
    testRuns: limit,
    storageBytes: limit,
    models: texts,
    privateModels: fc.boolean(),
    byok: fc.boolean(),
  });
const plans = fc
  .tuple(...PLAN_NAMES.map(plan))
  .map((each) => Object.fromEntries(each.map((made) => [made.name, made])) as Record<PlanName, Plan>);

export const CATALOGUE: ArbitraryEvents<CatalogueEvent> = {
  RateCardPublished: fc.record({
    ...published('RateCardPublished'),
    cardId: text,
    models: fc.uniqueArray(
      withOptional(
        { model: text, input: amount, output: amount },
        { cacheRead: amount, cacheWrite: amount, customers: texts },
      ),
      { maxLength: 4, selector: ({ model }) => model },
    ),
    aliases: fc.array(fc.record({ alias: text, model: text }), { maxLength: 4 }),
  }),
  PolicyActivated: fc.record({
    ...published('PolicyActivated'),
    policyId: text,
    cardId: text,
    byokFeeBasisPoints: amount,
  }),
  PlansPublished: fc.record({
    ...published('PlansPublished'),
    tableId: text,
    planCredit: amount,
    plans,
  }),
};
