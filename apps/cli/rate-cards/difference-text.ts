import {
  type CardDifference,
  isSame,
  type RateBucket,
} from '#libs/application/rate-card-import/difference.js';
import type { LeftOut, PriceMap } from '#libs/application/rate-card-import/price-map.js';
import { formatUsd } from '#libs/kernel/credits.js';
import type { ModelRates } from '#libs/ledger/pricing/rate-card.js';
import { grouped, table } from '../import-usage/summary-text.js';

const BUCKET_NAMES: Readonly<Record<RateBucket, string>> = {
  input: 'input',
  output: 'output',
  cacheRead: 'cache read',
  cacheWrite: 'cache write',
};
/** Names of one list that a person reads; --json has them all. */
const NAMES_MAX = 12;

/** What publishing would change, in dollars per 1,000,000 tokens. */
export function differenceText(found: CardDifference): string {
  if (isSame(found)) return `  no difference: ${grouped(found.unchanged)} models cost what they cost now`;
  const usd = (rate: bigint | undefined): string => (rate === undefined ? 'as input' : formatUsd(rate));
  const rates = ({ input, output, cacheRead, cacheWrite }: ModelRates): readonly string[] =>
    [input, output, cacheRead, cacheWrite].map(usd);
  const added = found.added.map((each) => [each.model, ...rates(each)]);
  const changed = found.changed.flatMap(({ model, rates: changes }) =>
    changes.map(({ bucket, from, to }) => [
      model,
      BUCKET_NAMES[bucket],
      usd(from),
      '->',
      usd(to),
      percent(from, to),
    ]),
  );
  const removed = [
    ...found.removed,
    ...found.aliasesRemoved.map(({ alias, model }) => `${alias} (another name of ${model})`),
  ];
  return [
    ...section(`added: ${grouped(added.length)}`, added.length, () =>
      table([['', 'input', 'output', 'cache read', 'cache write'], ...added], '    '),
    ),
    ...section(`changed: ${grouped(found.changed.length)}`, changed.length, () => table(changed, '    ')),
    ...section(`removed, no price any more: ${grouped(removed.length)}`, removed.length, () =>
      removed.map((name) => `    ${name}`),
    ),
    `  unchanged: ${grouped(found.unchanged)}`,
  ].join('\n');
}

const section = (title: string, size: number, lines: () => readonly string[]): readonly string[] =>
  size === 0 ? [] : [`  ${title}`, ...lines()];

/** `+25 %`, rounded to a tenth; nothing for a price that was or becomes zero. */
function percent(from: bigint, to: bigint): string {
  if (from === 0n || to === 0n) return '';
  const change = to > from ? to - from : from - to;
  const tenths = (change * 2_000n + from) / (2n * from);
  return `${to > from ? '+' : '-'}${tenths / 10n}${tenths % 10n === 0n ? '' : `.${tenths % 10n}`} %`;
}

/** What of the map is on no card, by reason. */
export function leftOutText({ skipped, refused, tiered }: PriceMap): string {
  return [
    ...byReason(skipped).map(([reason, names]) => `  skipped, ${reason}: ${namesText(names)}`),
    ...(tiered.length === 0
      ? []
      : [`  dearer above a length of the prompt, imported at the first price: ${namesText(tiered)}`]),
    ...refused.map(({ model, reason }) => `  REFUSED: ${model} ${reason}`),
  ].join('\n');
}

function byReason(list: readonly LeftOut[]): readonly (readonly [string, readonly string[]])[] {
  const reasons = new Map<string, string[]>();
  for (const { model, reason } of list) reasons.set(reason, [...(reasons.get(reason) ?? []), model]);
  return [...reasons];
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX).join(', ');
  const more = names.length - NAMES_MAX;
  return more > 0 ? `${shown} and ${grouped(more)} more` : shown;
}
