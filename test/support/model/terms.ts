import type { CatalogueEvent } from '#libs/ledger/catalogue/events.js';
import { createCatalogue } from '#libs/ledger/catalogue/catalogue.js';
import { seedEvents } from '#libs/ledger/catalogue/standard.js';
import { type Plan, type PlanName, STANDARD_PLANS } from '#libs/ledger/plans/plan-table.js';
import { STANDARD_RATE_CARD } from '#libs/ledger/pricing/rate-card.js';
import type { Terms } from '#libs/ledger/pricing/terms.js';
import { NOW, USER } from '../ledger/wallet-builders.js';
import { DAY_MS } from './calendar.js';
import { MODEL_PLANS, type ModelPlans } from './plans.js';
import type { CustomModel } from './prices.js';
import type { ModelTerms } from './runs.js';

/** What a ledger runs on without further configuration. */
export const STANDARD_MODEL_TERMS: ModelTerms = {
  plansAt: () => MODEL_PLANS,
  pricingAt: () => ({
    policy: 'three-part-v1',
    rateCard: 'standard',
    rateCardVersion: 1,
    byokFeeBasisPoints: 0,
    customModels: {},
  }),
  customModelsOf: () => ({}),
};

/*
 * The same ledger under terms that move while a wallet lives: policies and plans change, plans are so small that their
 * limits are met, allowances end at a fair use, and customers have models of their own. Said once to the ledger, as
 * events, and once to the model.
 */

const TO_GRADUATED = NOW + 3 * DAY_MS;
const TO_SMALLER_PLANS = NOW + 20 * DAY_MS;
const TO_PLAN_CREDITS = NOW + 40 * DAY_MS;
const BACK_TO_THREE_PARTS = NOW + 60 * DAY_MS;

const CUSTOM: Readonly<Record<string, CustomModel>> = {
  'acme-1': { customers: [USER, 'u-2'], pricedAs: 'gpt-3.5-turbo' },
  'acme-2': { customers: ['u-3'], pricedAs: 'deepseek' },
};

interface Limits {
  readonly planCredits?: bigint;
  readonly fairUse?: bigint;
  readonly testRuns: number;
  readonly privatePrompts: number;
}
type AllLimits = Readonly<Record<PlanName, Limits>>;

const FIRST: AllLimits = {
  FREE: { planCredits: 1n, testRuns: 2, privatePrompts: 1 },
  PRO: { planCredits: 12n, testRuns: 4, privatePrompts: 2 },
  ELITE: { fairUse: 60_000n, testRuns: 6, privatePrompts: 3 },
  ENTERPRISE: { fairUse: 200_000n, testRuns: 8, privatePrompts: 4 },
};
const SMALLER: AllLimits = {
  FREE: { planCredits: 2n, testRuns: 1, privatePrompts: 0 },
  PRO: { planCredits: 5n, testRuns: 2, privatePrompts: 1 },
  ELITE: { fairUse: 20_000n, testRuns: 3, privatePrompts: 2 },
  ENTERPRISE: { fairUse: 50_000n, testRuns: 4, privatePrompts: 3 },
};

const planOf = (plan: Plan, limits: Limits): Plan => ({
  ...plan,
  testRuns: { kind: 'limited', max: limits.testRuns },
  privatePrompts: { kind: 'limited', max: limits.privatePrompts },
  monthly:
    limits.planCredits === undefined
      ? { kind: 'unlimited', covers: ['inference', 'markup', 'byokFee'], fairUse: limits.fairUse! }
      : { kind: 'granted', planCredits: limits.planCredits },
});
const { FREE, PRO, ELITE, ENTERPRISE } = STANDARD_PLANS.plans;
const plansPublished = (version: number, effectiveFrom: number, all: AllLimits): CatalogueEvent => ({
  type: 'PlansPublished',
  at: 0,
  version,
  effectiveFrom,
  tableId: 'small',
  planCredit: 10_000n,
  plans: {
    FREE: planOf(FREE, all.FREE),
    PRO: planOf(PRO, all.PRO),
    ELITE: planOf(ELITE, all.ELITE),
    ENTERPRISE: planOf(ENTERPRISE, all.ENTERPRISE),
  },
});
const activated = (
  policyId: string,
  version: number,
  effectiveFrom: number,
  byokFeeBasisPoints: bigint,
): CatalogueEvent => ({
  type: 'PolicyActivated',
  at: 0,
  version,
  effectiveFrom,
  policyId,
  cardId: 'standard',
  byokFeeBasisPoints,
});

export const MOVING_TERMS: Terms = createCatalogue([
  ...seedEvents(),
  {
    type: 'RateCardPublished',
    at: 0,
    version: 2,
    effectiveFrom: 1,
    cardId: 'standard',
    models: [
      ...[...STANDARD_RATE_CARD.models].map(([model, rates]) => ({ model, ...rates })),
      ...Object.entries(CUSTOM).map(([model, { customers, pricedAs }]) => ({
        model,
        ...STANDARD_RATE_CARD.models.get(pricedAs)!,
        customers: new Set(customers),
      })),
    ],
    aliases: [...STANDARD_RATE_CARD.aliases].map(([alias, model]) => ({ alias, model })),
  },
  plansPublished(1, 1, FIRST),
  plansPublished(2, TO_SMALLER_PLANS, SMALLER),
  activated('graduated-v2', 1, TO_GRADUATED, 500n),
  activated('token-credits-v0', 1, TO_PLAN_CREDITS, 333n),
  activated('three-part-v1', 2, BACK_TO_THREE_PARTS, 10_000n),
]);

const modelPlans = (all: AllLimits): ModelPlans => {
  const of = (name: PlanName) => {
    const { planCredits, fairUse = 0n, testRuns, privatePrompts } = all[name];
    const monthly = planCredits === undefined ? undefined : planCredits * 10_000n;
    return { ...MODEL_PLANS[name], monthly, fairUse, testRuns, privatePrompts };
  };
  return { FREE: of('FREE'), PRO: of('PRO'), ELITE: of('ELITE'), ENTERPRISE: of('ENTERPRISE') };
};
const FIRST_PLANS = modelPlans(FIRST);
const SMALLER_PLANS = modelPlans(SMALLER);

export const MOVING_MODEL_TERMS: ModelTerms = {
  plansAt: (t) => (t >= TO_SMALLER_PLANS ? SMALLER_PLANS : FIRST_PLANS),
  pricingAt: (t) => {
    const fixed = { rateCard: 'standard', rateCardVersion: 2, customModels: CUSTOM };
    if (t < TO_GRADUATED) return { ...fixed, policy: 'three-part-v1', byokFeeBasisPoints: 0 };
    if (t < TO_PLAN_CREDITS) return { ...fixed, policy: 'graduated-v2', byokFeeBasisPoints: 500 };
    if (t < BACK_TO_THREE_PARTS) return { ...fixed, policy: 'token-credits-v0', byokFeeBasisPoints: 333 };
    return { ...fixed, policy: 'three-part-v1', byokFeeBasisPoints: 10_000 };
  },
  customModelsOf: (rateCardVersion) => (rateCardVersion >= 2 ? CUSTOM : {}),
};
