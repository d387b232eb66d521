import type { Catalogue } from '#libs/ledger/catalogue/catalogue.js';
import { withStatus } from '#libs/ledger/catalogue/status.js';
import {
  type MonthlyCredits,
  type Plan,
  type PlanLimit,
  PLAN_NAMES,
  type PlanTable,
} from '#libs/ledger/plans/plan-table.js';
import { type ModelRates, type RateCard, ratesOf } from '#libs/ledger/pricing/rate-card.js';
import { timeText } from '../commands/reply.js';

/*
 * The catalogue as everybody may see it: of a private model that it is one, never for whom.
 */

/** Models that have a price at `t`, with the rates they are charged at: a bucket without a rate costs input. */
export function modelsText(catalogue: Catalogue, t: number): string {
  const { rateCard, policy } = catalogue.pricingAt(t);
  const names = [...rateCard.models.keys(), ...rateCard.aliases.keys()].sort();
  return JSON.stringify({
    rateCard: {
      id: rateCard.id,
      version: rateCard.version,
      effectiveFrom: timeText(rateCard.effectiveFrom),
    },
    policy: policy.id,
    models: names.map((model) => {
      const rates = ratesOf(rateCard, model)!;
      const aliasOf = rateCard.models.has(model) ? undefined : rateCard.aliases.get(model);
      return {
        model,
        aliasOf,
        input: rates.input.toString(),
        output: rates.output.toString(),
        cachedInput: (rates.cacheRead ?? rates.input).toString(),
        cacheWrite: (rates.cacheWrite ?? rates.input).toString(),
        private: rates.customers === undefined ? undefined : true,
      };
    }),
  });
}

/** Every version of every card and every activation of a policy, the newest first. */
export function rateCardsText(catalogue: Catalogue, t: number): string {
  const { rateCard, policy } = catalogue.pricingAt(t);
  const ids = [...new Set(catalogue.rateCards.map(({ id }) => id))];
  const cards = ids.flatMap((id) =>
    withStatus(
      catalogue.rateCards.filter((card) => card.id === id),
      t,
    ).toReversed(),
  );
  return JSON.stringify({
    pricing: { policy: policy.id, rateCard: rateCard.id, version: rateCard.version },
    rateCards: cards.map(({ published, status }) => ({ ...cardOf(published), status })),
    policies: withStatus(catalogue.activations, t)
      .toReversed()
      .map(({ published: { policyId, version, cardId, byokFeeBasisPoints, effectiveFrom }, status }) => ({
        policy: policyId,
        version,
        rateCard: cardId,
        byokFeeBasisPoints: Number(byokFeeBasisPoints),
        effectiveFrom: timeText(effectiveFrom),
        status,
      })),
  });
}

const cardOf = ({ id, version, effectiveFrom, models, aliases }: RateCard): object => ({
  id,
  version,
  effectiveFrom: timeText(effectiveFrom),
  models: [...models].map(([model, rates]) => ({ model, ...ratesText(rates) })),
  aliases: [...aliases].map(([alias, model]) => ({ alias, model })),
});

/** Rates as they were published. */
const ratesText = ({ input, output, cacheRead, cacheWrite, customers }: ModelRates): object => ({
  input: input.toString(),
  output: output.toString(),
  cacheRead: cacheRead?.toString(),
  cacheWrite: cacheWrite?.toString(),
  private: customers === undefined ? undefined : true,
});

/** The plan table in force and those to come, in the order in which they begin. */
export function planTablesText(catalogue: Catalogue, t: number): string {
  const upcoming = withStatus(catalogue.planTables, t)
    .filter(({ status }) => status === 'upcoming')
    .map(({ published }) => published)
    .sort((a, b) => a.effectiveFrom - b.effectiveFrom);
  return JSON.stringify({ inForce: tableOf(catalogue.plansAt(t)), upcoming: upcoming.map(tableOf) });
}

const tableOf = ({ id, version, effectiveFrom, planCredit, plans }: PlanTable): object => ({
  table: id,
  version,
  effectiveFrom: timeText(effectiveFrom),
  planCredit: planCredit.toString(),
  plans: Object.fromEntries(PLAN_NAMES.map((name) => [name, planOf(plans[name], planCredit)])),
});

const planOf = (plan: Plan, planCredit: bigint): object => ({
  monthly: monthlyOf(plan.monthly, planCredit),
  privatePrompts: limitOf(plan.privatePrompts),
  testRuns: limitOf(plan.testRuns),
  storageBytes: limitOf(plan.storageBytes),
  models: [...plan.models],
  privateModels: plan.privateModels,
  byok: plan.byok,
});

const limitOf = (limit: PlanLimit): object =>
  limit.kind === 'limited' ? { kind: limit.kind, max: limit.max } : { kind: limit.kind };

const monthlyOf = (monthly: MonthlyCredits, planCredit: bigint): object =>
  monthly.kind === 'granted'
    ? {
        kind: monthly.kind,
        planCredits: monthly.planCredits.toString(),
        credits: (monthly.planCredits * planCredit).toString(),
      }
    : { kind: monthly.kind, covers: monthly.covers, fairUse: monthly.fairUse?.toString() };
