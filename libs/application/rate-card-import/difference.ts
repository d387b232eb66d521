import type { PublishedModel } from '#libs/ledger/catalogue/events.js';
import type { ModelRates, RateCard } from '#libs/ledger/pricing/rate-card.js';

export interface CardAlias {
  readonly alias: string;
  readonly model: string;
}

/** What is to be published as the next version of a card. */
export interface CardDraft {
  readonly models: readonly PublishedModel[];
  readonly aliases: readonly CardAlias[];
}

export const RATE_BUCKETS = ['input', 'output', 'cacheRead', 'cacheWrite'] as const;
export type RateBucket = (typeof RATE_BUCKETS)[number];

/** Credits per 1,000,000 tokens as they are charged: a bucket without a rate costs what input costs. */
export interface RateChange {
  readonly bucket: RateBucket;
  readonly from: bigint;
  readonly to: bigint;
}

export interface CardDifference {
  readonly added: readonly PublishedModel[];
  readonly changed: readonly { readonly model: string; readonly rates: readonly RateChange[] }[];
  /** Models that have a price now and would have none. */
  readonly removed: readonly string[];
  readonly aliasesAdded: readonly CardAlias[];
  readonly aliasesRemoved: readonly CardAlias[];
  /** Models that cost what they cost now. */
  readonly unchanged: number;
}

/**
 * The prices of a map as the next version of a card. What the map does not know stays: who may use a private model,
 * and other names of models that are still priced. With `keep`, so do the models that the map does not price.
 */
export function draftCard(
  models: readonly PublishedModel[],
  inForce: RateCard | undefined,
  { keep }: { readonly keep: boolean },
): CardDraft {
  const priced = new Set(models.map(({ model }) => model));
  const drafted = models.map((each): PublishedModel => {
    const customers = inForce?.models.get(each.model)?.customers;
    return customers === undefined ? each : { ...each, customers };
  });
  for (const [model, rates] of keep ? (inForce?.models ?? []) : []) {
    if (!priced.has(model)) drafted.push({ model, ...rates });
  }
  drafted.sort((a, b) => (a.model < b.model ? -1 : 1));
  const names = new Set(drafted.map(({ model }) => model));
  const aliases = [...(inForce?.aliases ?? [])]
    .map(([alias, model]) => ({ alias, model }))
    .filter(({ alias, model }) => names.has(model) && !names.has(alias));
  return { models: drafted, aliases };
}

/** What publishing the draft would change of the card in force. */
export function difference(draft: CardDraft, inForce: RateCard | undefined): CardDifference {
  const now = inForce?.models ?? new Map<string, ModelRates>();
  const changed: { model: string; rates: readonly RateChange[] }[] = [];
  const added: PublishedModel[] = [];
  for (const each of draft.models) {
    const before = now.get(each.model);
    if (before === undefined) {
      added.push(each);
      continue;
    }
    const rates = rateChanges(before, each);
    if (rates.length > 0) changed.push({ model: each.model, rates });
  }
  const names = new Set(draft.models.map(({ model }) => model));
  const key = ({ alias, model }: CardAlias): string => `${alias} ${model}`;
  const aliasesNow = [...(inForce?.aliases ?? [])].map(([alias, model]) => ({ alias, model }));
  const kept = new Set(draft.aliases.map(key));
  const known = new Set(aliasesNow.map(key));
  return {
    added,
    changed,
    removed: [...now.keys()].filter((model) => !names.has(model)).sort(),
    aliasesAdded: draft.aliases.filter((alias) => !known.has(key(alias))),
    aliasesRemoved: aliasesNow.filter((alias) => !kept.has(key(alias))),
    unchanged: draft.models.length - added.length - changed.length,
  };
}

export const isSame = (found: CardDifference): boolean =>
  [found.added, found.changed, found.removed, found.aliasesAdded, found.aliasesRemoved].every(
    (list) => list.length === 0,
  );

function rateChanges(before: ModelRates, after: ModelRates): readonly RateChange[] {
  return RATE_BUCKETS.flatMap((bucket) => {
    // Neither card names the bucket: it follows input, whose change is shown.
    if (before[bucket] === undefined && after[bucket] === undefined) return [];
    const from = before[bucket] ?? before.input;
    const to = after[bucket] ?? after.input;
    return from === to ? [] : [{ bucket, from, to }];
  });
}
