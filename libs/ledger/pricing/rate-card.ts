/** Models are named by providers, with slashes and colons too. */
export const MODEL_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
export const MODEL_NAME_EXPECTED = 'a model name: 1 to 128 characters of A-Z a-z 0-9 . _ : / -';

/** Rates in credits per 1,000,000 tokens (= micro-dollars per million). A bucket without a rate is priced as input. */
export interface ModelRates {
  readonly input: bigint;
  readonly output: bigint;
  readonly cacheRead?: bigint;
  readonly cacheWrite?: bigint;
  /** A custom or private model: only these users may use it, on a plan that includes such models. */
  readonly customers?: ReadonlySet<string>;
}

/** Immutable once in force; a charge stores `id` and `version`, so that it can be derived again. */
export interface RateCard {
  readonly id: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly effectiveFrom: number;
  readonly models: ReadonlyMap<string, ModelRates>;
  /** Other names of a model: requested name -> name on the card. Plan checks use the requested name. */
  readonly aliases: ReadonlyMap<string, string>;
}

/** The rates of a requested model name, aliases followed; undefined when the card has no price for it. */
export function ratesOf(card: RateCard, model: string): ModelRates | undefined {
  return card.models.get(model) ?? card.models.get(card.aliases.get(model) ?? '');
}

/** Dollars per 1M tokens, as providers publish them, in credits per 1M tokens. Exact: six decimals are whole. */
const usd = (text: string): bigint => {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(6, '0'));
};

const rates = (input: string, output: string, cacheRead?: string, cacheWrite?: string): ModelRates => ({
  input: usd(input),
  output: usd(output),
  ...(cacheRead === undefined ? {} : { cacheRead: usd(cacheRead) }),
  ...(cacheWrite === undefined ? {} : { cacheWrite: usd(cacheWrite) }),
});

/** The starting rate card (domain rules, section 2), in force from the epoch. */
export const STANDARD_RATE_CARD: RateCard = {
  id: 'standard',
  version: 1,
  effectiveFrom: 0,
  models: new Map([
    ['gpt-4', rates('30', '60')],
    ['gpt-4-turbo', rates('10', '30')],
    ['gpt-4-32k', rates('60', '120')],
    ['gpt-3.5-turbo', rates('0.50', '1.50')],
    ['deepseek', rates('0.28', '0.42', '0.028')],
    ['claude-3-opus', rates('15', '75', '1.50', '18.75')],
    ['claude-3-sonnet', rates('3', '15', '0.30', '3.75')],
    ['mistral-large', rates('2', '6')],
    ['mixtral-8x7b', rates('0.70', '0.70')],
  ]),
  aliases: new Map([['claude-3-opus-200k', 'claude-3-opus']]),
};

/** The flat figures of the older plan document: $ per 1K tokens, input and output alike. */
export const TOKEN_RATES_2024: RateCard = {
  id: 'token-rates-2024',
  version: 1,
  effectiveFrom: 0,
  models: new Map([
    ['gpt-4', rates('30', '30')],
    ['gpt-3.5-turbo', rates('2', '2')],
    ['deepseek', rates('1', '1')],
  ]),
  aliases: new Map(),
};
