import type { ModelRates, RateCard } from '#libs/ledger/pricing/rate-card.js';

/** GET /api/rate-cards, as far as this command uses it. */
export interface CardsReply {
  readonly pricing: { readonly policy: string; readonly rateCard: string; readonly version: number };
  readonly rateCards: readonly CardReply[];
  readonly policies: readonly {
    readonly policy: string;
    readonly rateCard: string;
    readonly byokFeeBasisPoints: number;
    readonly effectiveFrom: string;
    readonly status: string;
  }[];
}

export interface CardReply {
  readonly id: string;
  readonly version: number;
  readonly effectiveFrom: string;
  readonly status: string;
  readonly models: readonly ModelReply[];
  readonly aliases: readonly { readonly alias: string; readonly model: string }[];
}

interface ModelReply {
  readonly model: string;
  readonly input: string;
  readonly output: string;
  readonly cacheRead?: string;
  readonly cacheWrite?: string;
  readonly private?: boolean;
}

export const IN_FORCE = 'in_force';
export const UPCOMING = 'upcoming';

/** The card as the domain knows it; whom a private model is for is not shown to anybody. */
export const cardOf = ({ id, version, effectiveFrom, models, aliases }: CardReply): RateCard => ({
  id,
  version,
  effectiveFrom: Date.parse(effectiveFrom),
  models: new Map(models.map((each) => [each.model, ratesOf(each)])),
  aliases: new Map(aliases.map(({ alias, model }) => [alias, model])),
});

const ratesOf = ({ input, output, cacheRead, cacheWrite }: ModelReply): ModelRates => ({
  input: BigInt(input),
  output: BigInt(output),
  ...(cacheRead === undefined ? {} : { cacheRead: BigInt(cacheRead) }),
  ...(cacheWrite === undefined ? {} : { cacheWrite: BigInt(cacheWrite) }),
});

export const privateModelsOf = ({ models }: CardReply): ReadonlySet<string> =>
  new Set(models.filter((model) => model.private).map(({ model }) => model));

/**
 * What an import is compared with: the version in force of the same card, else the card that prices runs now. Undefined
 * only for a ledger without cards.
 */
export function comparedWith({ pricing, rateCards }: CardsReply, id: string): CardReply | undefined {
  const own = rateCards.find((card) => card.id === id && card.status === IN_FORCE);
  return own ?? rateCards.find((card) => card.id === pricing.rateCard && card.version === pricing.version);
}
