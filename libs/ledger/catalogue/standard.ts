import type { Credits } from '#libs/kernel/credits.js';
import { PLAN_CREDIT_DEFAULT, STANDARD_PLANS } from '../plans/plan-table.js';
import { type RateCard, STANDARD_RATE_CARD, TOKEN_RATES_2024 } from '../pricing/rate-card.js';
import type { Terms } from '../pricing/terms.js';
import { THREE_PART_V1 } from '../pricing/three-part-v1.js';
import { type Catalogue, createCatalogue } from './catalogue.js';
import type { CatalogueEvent, RateCardPublished } from './events.js';

/** Shipped with the program: in force from the epoch, whenever a log gets them. */
const SHIPPED = { at: 0, version: 1, effectiveFrom: 0 } as const;

const published = ({ id, models, aliases }: RateCard): RateCardPublished => ({
  type: 'RateCardPublished',
  ...SHIPPED,
  cardId: id,
  models: [...models].map(([model, rates]) => ({ model, ...rates })),
  aliases: [...aliases].map(([alias, model]) => ({ alias, model })),
});

/** The first events of a ledger's catalogue: both cards, the default policy over the first, the four plans. */
export const seedEvents = (planCredit: Credits = PLAN_CREDIT_DEFAULT): readonly CatalogueEvent[] => [
  published(STANDARD_RATE_CARD),
  published(TOKEN_RATES_2024),
  {
    type: 'PolicyActivated',
    ...SHIPPED,
    policyId: THREE_PART_V1.id,
    cardId: STANDARD_RATE_CARD.id,
    byokFeeBasisPoints: 0n,
  },
  {
    type: 'PlansPublished',
    ...SHIPPED,
    tableId: STANDARD_PLANS.id,
    planCredit,
    plans: STANDARD_PLANS.plans,
  },
];

/** What a ledger runs on before anything is published. */
export const STANDARD_CATALOGUE: Catalogue = createCatalogue(seedEvents());
export const STANDARD_TERMS: Terms = STANDARD_CATALOGUE;
