import { formatUsd } from '#libs/kernel/credits.js';
import { table } from '../import-usage/summary-text.js';
import { type CardReply, type CardsReply, IN_FORCE, UPCOMING } from './cards.js';

/** Every card that prices something now or will: the versions in force and those to come. */
export function cardsText({ pricing, rateCards, policies }: CardsReply): string {
  const shown = rateCards.filter(({ status }) => status === IN_FORCE || status === UPCOMING);
  const upcoming = policies
    .filter(({ status }) => status === UPCOMING)
    .sort((a, b) => Date.parse(a.effectiveFrom) - Date.parse(b.effectiveFrom));
  return [
    ...shown.map((card) => cardText(card, card.id === pricing.rateCard && card.version === pricing.version)),
    [
      `Runs are priced by ${pricing.policy} over ${pricing.rateCard}.`,
      ...upcoming.map(
        ({ policy, rateCard, effectiveFrom }) => `From ${effectiveFrom} on: by ${policy} over ${rateCard}.`,
      ),
    ].join('\n'),
  ].join('\n\n');
}

function cardText(card: CardReply, prices: boolean): string {
  const state =
    card.status === UPCOMING
      ? `from ${card.effectiveFrom} on`
      : prices
        ? 'prices runs now'
        : 'in force, prices no runs';
  // A bucket without a rate is priced as input: shown so, not as free.
  const usd = (rate: string | undefined): string =>
    rate === undefined ? 'as input' : formatUsd(BigInt(rate));
  const rows = card.models.map((each) => [
    each.private === true ? `${each.model} (private)` : each.model,
    usd(each.input),
    usd(each.output),
    usd(each.cacheRead),
    usd(each.cacheWrite),
  ]);
  return [
    `${card.id}, version ${card.version}: ${state} (US dollars per 1,000,000 tokens)`,
    ...table([['model', 'input', 'output', 'cache read', 'cache write'], ...rows]),
    ...card.aliases.map(({ alias, model }) => `  ${alias} is priced as ${model}`),
  ].join('\n');
}
