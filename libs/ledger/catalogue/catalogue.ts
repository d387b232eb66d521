import { assertNever } from '#libs/kernel/assert-never.js';
import type { PlanTable } from '../plans/plan-table.js';
import { policyOf } from '../pricing/policies.js';
import type { PricingPolicy } from '../pricing/pricing-policy.js';
import type { ModelRates, RateCard } from '../pricing/rate-card.js';
import type { PricingReference, PricingTerms, Terms } from '../pricing/terms.js';
import type {
  CatalogueEvent,
  PlansPublished,
  PolicyActivated,
  PublishedModel,
  RateCardPublished,
} from './events.js';

/** Terms that this process does not know: an event of the catalogue it has not read, or a log without any. */
export class UnknownTermsError extends Error {
  override readonly name = 'UnknownTermsError';
}

/**
 * Every rate card, policy activation and plan table that was ever published, in log order. One rule for all three:
 * of those whose moment has come, the one published last is in force. So a mistake is put right before its time by
 * publishing again, and what was published before it never comes back.
 */
export class Catalogue implements Terms {
  private constructor(
    /** In the order in which they were published; a card's versions count up. */
    readonly rateCards: readonly RateCard[],
    readonly activations: readonly PolicyActivated[],
    readonly planTables: readonly PlanTable[],
  ) {}

  static readonly EMPTY = new Catalogue([], [], []);

  /** The catalogue with one more event. @throws when a version is missing before it: the log was not read in order */
  with(event: CatalogueEvent): Catalogue {
    const { rateCards, activations, planTables } = this;
    switch (event.type) {
      case 'RateCardPublished':
        requireNext(
          event,
          event.cardId,
          lastVersion(rateCards, ({ id }) => id === event.cardId),
        );
        return new Catalogue([...rateCards, cardOf(event)], activations, planTables);
      case 'PolicyActivated':
        requireNext(
          event,
          event.policyId,
          lastVersion(activations, ({ policyId }) => policyId === event.policyId),
        );
        return new Catalogue(rateCards, [...activations, event], planTables);
      case 'PlansPublished':
        requireNext(
          event,
          event.tableId,
          lastVersion(planTables, ({ id }) => id === event.tableId),
        );
        return new Catalogue(rateCards, activations, [...planTables, tableOf(event)]);
      default:
        return assertNever(event);
    }
  }

  pricingAt(t: number): PricingTerms {
    const activation = this.activationAt(t);
    if (activation === undefined) throw new UnknownTermsError(`No pricing policy is in force${SEED_FIRST}`);
    return this.priced(activation, t);
  }

  /** Another policy over the rate card in force, for comparing prices; undefined for an unknown policy. */
  pricingBy(policyId: string, t: number): PricingTerms | undefined {
    const policy = policyOf(policyId);
    return policy && { ...this.pricingAt(t), policy };
  }

  pricingOf(reference: PricingReference, t: number): PricingTerms {
    const { policy, rateCard, rateCardVersion, byokFeeBasisPoints } = reference;
    const card = this.rateCard(rateCard, rateCardVersion);
    if (card === undefined)
      throw new UnknownTermsError(`Rate card ${rateCard} has no version ${rateCardVersion}${NOT_READ}`);
    return {
      policy: knownPolicy(policy),
      rateCard: card,
      byokFeeBasisPoints,
      planCredit: this.plansAt(t).planCredit,
    };
  }

  /** Whether `pricingOf` has an answer. */
  knows({ policy, rateCard, rateCardVersion }: PricingReference): boolean {
    return policyOf(policy) !== undefined && this.rateCard(rateCard, rateCardVersion) !== undefined;
  }

  plansAt(t: number): PlanTable {
    const table = inForce(this.planTables, t);
    if (table === undefined) throw new UnknownTermsError(`No plan table is in force${SEED_FIRST}`);
    return table;
  }

  activationAt(t: number): PolicyActivated | undefined {
    return inForce(this.activations, t);
  }

  rateCard(id: string, version: number): RateCard | undefined {
    return this.rateCards.find((card) => card.id === id && card.version === version);
  }

  /** The version of a card in force at `t`; undefined when it has none yet. */
  rateCardAt(id: string, t: number): RateCard | undefined {
    return inForce(this.rateCards, t, (card) => card.id === id);
  }

  private priced({ policyId, cardId, byokFeeBasisPoints }: PolicyActivated, t: number): PricingTerms {
    const rateCard = this.rateCardAt(cardId, t);
    if (rateCard === undefined) throw new UnknownTermsError(`Rate card ${cardId} is not in force${NOT_READ}`);
    return {
      policy: knownPolicy(policyId),
      rateCard,
      byokFeeBasisPoints,
      planCredit: this.plansAt(t).planCredit,
    };
  }
}

/** The catalogue of these events, given in log order. */
export const createCatalogue = (events: Iterable<CatalogueEvent>): Catalogue => {
  let catalogue = Catalogue.EMPTY;
  for (const event of events) catalogue = catalogue.with(event);
  return catalogue;
};

const SEED_FIRST = ': the catalogue of this log was not seeded, or was not read yet.';
const NOT_READ = ' in the catalogue of this process: read the log first.';

interface Dated {
  readonly effectiveFrom: number;
}

/** The last published of those whose moment has come. */
function inForce<T extends Dated>(
  all: readonly T[],
  t: number,
  concerns = (_: T): boolean => true,
): T | undefined {
  return all.findLast((each) => each.effectiveFrom <= t && concerns(each));
}

const lastVersion = <T extends { readonly version: number }>(
  all: readonly T[],
  same: (each: T) => boolean,
): number => all.findLast(same)?.version ?? 0;

function requireNext({ type, version }: CatalogueEvent, id: string, last: number): void {
  if (version !== last + 1) throw new Error(`${type} ${id} version ${version} follows version ${last}`);
}

function knownPolicy(id: string): PricingPolicy {
  const policy = policyOf(id);
  if (policy === undefined)
    throw new UnknownTermsError(
      `Pricing policy ${id} is unknown: run a version of this program that knows it.`,
    );
  return policy;
}

const cardOf = ({ cardId, version, effectiveFrom, models, aliases }: RateCardPublished): RateCard => ({
  id: cardId,
  version,
  effectiveFrom,
  models: new Map(models.map(({ model, ...rates }: PublishedModel): [string, ModelRates] => [model, rates])),
  aliases: new Map(aliases.map(({ alias, model }) => [alias, model])),
});

const tableOf = ({ tableId, version, effectiveFrom, planCredit, plans }: PlansPublished): PlanTable => ({
  id: tableId,
  version,
  effectiveFrom,
  planCredit,
  plans,
});
