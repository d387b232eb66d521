import { readFile } from 'node:fs/promises';
import {
  type CardDraft,
  type CardDifference,
  difference,
  draftCard,
  isSame,
} from '#libs/application/rate-card-import/difference.js';
import {
  type ChosenModel,
  type PriceMap,
  readPriceMap,
} from '#libs/application/rate-card-import/price-map.js';
import type { PublishedModel } from '#libs/ledger/catalogue/events.js';
import type { CommandContext } from '../context.js';
import { CliError, EXIT } from '../failure.js';
import { defaultEffectiveFrom, publish } from '../pricing/publish.js';
import { type Ledger, withLedger } from '../with-ledger.js';
import { type CardReply, cardOf, type CardsReply, comparedWith, privateModelsOf, UPCOMING } from './cards.js';
import { differenceText, leftOutText } from './difference-text.js';

export interface ImportFlags {
  readonly id: string;
  readonly effectiveFrom?: string;
  readonly models?: readonly ChosenModel[];
  readonly without?: readonly string[];
  readonly keep?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly url?: string;
}

interface PublishReply {
  readonly rateCard: { readonly id: string; readonly version: number; readonly effectiveFrom: string };
}

/** What an import would publish, and what it would change. */
interface Plan {
  readonly map: PriceMap;
  readonly draft: CardDraft;
  readonly base: CardReply | undefined;
  readonly found: CardDifference;
}

/** Shows what a price map would change of the card in force; publishes it only when told to. */
export async function importRateCard(
  file: string,
  flags: ImportFlags,
  context: CommandContext,
): Promise<void> {
  const map = await readMap(file, flags);
  await withLedger({ url: flags.url, context }, async (ledger) => {
    const cards = await ledger.ask<CardsReply>({ method: 'GET', path: '/api/rate-cards' });
    const base = comparedWith(cards, flags.id);
    const inForce = base === undefined ? undefined : cardOf(base);
    const draft = draftCard(map.models, inForce, { keep: flags.keep === true });
    const plan: Plan = { map, draft, base, found: difference(draft, inForce) };
    if (!flags.json) context.stdout.write(`${planText(flags.id, plan, cards)}\n`);
    const why = whyNot(plan, flags);
    const published = why === undefined ? await publishDraft(ledger, draft, flags) : undefined;
    if (map.refused.length > 0 || privateNames(plan).length > 0) context.exitCode = EXIT.refused;
    context.stdout.write(
      flags.json
        ? `${planJson(flags.id, plan, published)}\n`
        : `${why ?? publishedText(published!, cards)}\n`,
    );
  });
}

async function readMap(file: string, { models, without }: ImportFlags): Promise<PriceMap> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CliError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  const map = readPriceMap(text, {
    ...(models === undefined ? {} : { models }),
    ...(without === undefined ? {} : { without }),
  });
  if (!map.ok) throw new CliError(`${file} ${map.error}`);
  return map.value;
}

/** Their customers are shown to nobody, so a card made from what is shown would lose them. */
const privateNames = ({ base, draft }: Plan): readonly string[] => {
  const names = base === undefined ? new Set<string>() : privateModelsOf(base);
  return draft.models.map(({ model }) => model).filter((model) => names.has(model));
};

/** Why nothing is published; undefined when it is to be. */
function whyNot(plan: Plan, { yes, id }: ImportFlags): string | undefined {
  const names = privateNames(plan);
  if (plan.map.refused.length > 0) {
    return 'Nothing was published: leave out what is refused with --without, or choose models with --models.';
  }
  if (names.length > 0) {
    return (
      `Nothing was published: ${names.join(', ')} is private, and this would open it to everybody. ` +
      'Publish the card with its customers by POST /api/rate-cards.'
    );
  }
  if (plan.draft.models.length === 0) return 'Nothing was published: no model is left.';
  if (plan.base?.id === id && isSame(plan.found)) return 'Nothing to publish.';
  return yes ? undefined : 'Nothing was published. Run the same again with --yes to publish it.';
}

function publishDraft(ledger: Ledger, draft: CardDraft, flags: ImportFlags): Promise<PublishReply> {
  return publish<PublishReply>(ledger, '/api/rate-cards', {
    rateCard: flags.id,
    effectiveFrom: flags.effectiveFrom ?? defaultEffectiveFrom(),
    models: draft.models.map(modelJson),
    aliases: draft.aliases,
  });
}

const modelJson = ({ model, input, output, cacheRead, cacheWrite }: PublishedModel): object => ({
  model,
  input: input.toString(),
  output: output.toString(),
  cacheRead: cacheRead?.toString(),
  cacheWrite: cacheWrite?.toString(),
});

function planText(id: string, plan: Plan, { rateCards }: CardsReply): string {
  const { base, map, draft } = plan;
  const against =
    base === undefined ? 'no card in force' : `${base.id} version ${base.version}, in force now`;
  const upcoming = rateCards.filter((card) => card.id === id && card.status === UPCOMING);
  return [
    `Rate card ${id}, ${draft.models.length} models, against ${against} (US dollars per 1,000,000 tokens)`,
    ...upcoming.map(
      ({ version, effectiveFrom }) =>
        `  version ${version} is to come at ${effectiveFrom} already; the later published holds`,
    ),
    differenceText(plan.found),
    leftOutText(map),
  ]
    .filter((lines) => lines !== '')
    .join('\n');
}

function publishedText(
  { rateCard: { id, version, effectiveFrom } }: PublishReply,
  { pricing }: CardsReply,
): string {
  const text = `Published: rate card ${id} version ${version}, in force from ${effectiveFrom} on.`;
  if (id === pricing.rateCard) return text;
  return `${text}\nTo price runs by it: ledger policies activate ${pricing.policy} --rate-card ${id}`;
}

function planJson(id: string, { map, base, found }: Plan, published: PublishReply | undefined): string {
  return JSON.stringify(
    {
      rateCard: id,
      against: base && { id: base.id, version: base.version },
      ...found,
      added: found.added.map(modelJson),
      skipped: map.skipped,
      tiered: map.tiered,
      refused: map.refused,
      published: published?.rateCard,
    },
    (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
  );
}
