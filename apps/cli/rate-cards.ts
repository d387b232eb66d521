import type { Command } from 'commander';
import { formatUsd } from '#libs/kernel/credits.js';
import {
  type ModelRates,
  type RateCard,
  STANDARD_RATE_CARD,
  TOKEN_RATES_2024,
} from '#libs/ledger/pricing/rate-card.js';
import type { CommandContext } from './context.js';
import { table } from './import-usage/summary-text.js';

/** The shipped cards; charges are priced by the first. */
const CARDS: readonly RateCard[] = [STANDARD_RATE_CARD, TOKEN_RATES_2024];

export function addRateCards(program: Command, context: CommandContext): void {
  program
    .command('rate-cards')
    .summary('list the rate cards: what each model costs')
    .description('Lists the rate cards with their rates in US dollars per 1,000,000 tokens.')
    .option('--json', 'print the cards as one line of JSON, rates in credits per 1,000,000 tokens')
    .action(({ json }: { readonly json?: boolean }) => {
      const text = json ? JSON.stringify(CARDS.map(cardJson)) : CARDS.map(cardText).join('\n\n');
      context.stdout.write(`${text}\n`);
    });
}

/** A card as a table. */
export function cardText(card: RateCard): string {
  const inForce = card === STANDARD_RATE_CARD ? ', in force' : ', not in force';
  // A bucket without a rate is priced as input: shown so, not as free.
  const usd = (rate: bigint | undefined): string => (rate === undefined ? 'as input' : formatUsd(rate));
  const rows = [...card.models].map(([model, { input, output, cacheRead, cacheWrite }]) => [
    model,
    usd(input),
    usd(output),
    usd(cacheRead),
    usd(cacheWrite),
  ]);
  return [
    `${card.id}, version ${card.version}${inForce} (US dollars per 1,000,000 tokens)`,
    ...table([['model', 'input', 'output', 'cache read', 'cache write'], ...rows]),
    ...[...card.aliases].map(([alias, model]) => `  ${alias} is priced as ${model}`),
  ].join('\n');
}

function cardJson({ id, version, models, aliases }: RateCard): object {
  const rates = ({ input, output, cacheRead, cacheWrite }: ModelRates): object => ({
    input: String(input),
    output: String(output),
    cacheRead: String(cacheRead ?? input),
    cacheWrite: String(cacheWrite ?? input),
  });
  return {
    id,
    version,
    models: Object.fromEntries([...models].map(([model, each]) => [model, rates(each)])),
    aliases: Object.fromEntries(aliases),
  };
}
