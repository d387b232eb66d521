import { isLosslessNumber, parse } from 'lossless-json';
import { err, ok, type Result } from '#libs/kernel/result.js';
import type { PublishedModel } from '#libs/ledger/catalogue/events.js';
import { MODEL_NAME_EXPECTED, MODEL_NAME_PATTERN, type ModelRates } from '#libs/ledger/pricing/rate-card.js';
import { exactRate } from './exact-rate.js';

/** A model to take from a price map, by the map's name, and the name it gets on the card. */
export interface ChosenModel {
  readonly model: string;
  readonly inMap: string;
}

export interface MapChoice {
  /** Only these; every model that has a price for tokens when absent. */
  readonly models?: readonly ChosenModel[];
  /** Names in the map to leave out. */
  readonly without?: readonly string[];
}

/** A model of the map that gets no rates, and why. */
export interface LeftOut {
  readonly model: string;
  readonly reason: string;
}

export interface PriceMap {
  readonly models: readonly PublishedModel[];
  /** Nothing that a rate card prices: images, audio, search, free of charge. */
  readonly skipped: readonly LeftOut[];
  /** Wanted, and cannot be priced exactly: nothing may be published until they are left out or put right. */
  readonly refused: readonly LeftOut[];
  /** Has a dearer price from some length of the prompt on; the card takes the first one. */
  readonly tiered: readonly string[];
}

/** LiteLLM's name of each price, dollars a token. */
const FIELDS = {
  input: 'input_cost_per_token',
  output: 'output_cost_per_token',
  cacheRead: 'cache_read_input_token_cost',
  cacheWrite: 'cache_creation_input_token_cost',
} as const;
type Bucket = keyof typeof FIELDS;
const BUCKETS = Object.keys(FIELDS) as Bucket[];

/** Describes the form of the file, and is no model. */
const SAMPLE = 'sample_spec';
const TIER = /^(input|output)_cost_per_token_above_|_token_cost_above_[0-9]+k_tokens$/;
const FREE = 'costs nothing in the map; name it to import it as free of charge';

type Entry = Readonly<Record<string, unknown>>;

/**
 * Reads a price map: an object of models, prices in dollars a token as JSON numbers, taken digit by digit.
 * The error says why the text is no price map.
 */
export function readPriceMap(text: string, choice: MapChoice = {}): Result<PriceMap, string> {
  const map = parseMap(text);
  if (!map.ok) return map;
  const found: Found = { models: [], skipped: [], refused: [], tiered: [] };
  const without = new Set(choice.without ?? []);
  const chosen = choice.models ?? Object.keys(map.value).map((name) => ({ model: name, inMap: name }));
  for (const each of chosen) {
    if (each.inMap === SAMPLE || without.has(each.inMap)) continue;
    const entry = Object.hasOwn(map.value, each.inMap) ? map.value[each.inMap] : undefined;
    take(each, { entry, byName: choice.models !== undefined }, found);
  }
  return ok(found);
}

function parseMap(text: string): Result<Entry, string> {
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (error) {
    // A text nested deeper than the stack is a RangeError; either way nothing was read.
    return err(`is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return isEntry(parsed) ? ok(parsed) : err('must be a JSON object of models');
}

const isEntry = (value: unknown): value is Entry =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !isLosslessNumber(value);

interface Found {
  readonly models: PublishedModel[];
  readonly skipped: LeftOut[];
  readonly refused: LeftOut[];
  readonly tiered: string[];
}

interface Source {
  readonly entry: unknown;
  /** Asked for by name: then a reason to skip it is a reason to refuse. */
  readonly byName: boolean;
}

function take({ model, inMap }: ChosenModel, { entry, byName }: Source, found: Found): void {
  const leaveOut = (reason: string): void =>
    void (byName ? found.refused : found.skipped).push({ model: inMap, reason });
  if (!isEntry(entry)) return leaveOut(entry === undefined ? 'is not in the map' : 'is no object');
  if (!isGiven(entry, 'input') && !isGiven(entry, 'output')) return leaveOut(noTokens(entry));
  if (!MODEL_NAME_PATTERN.test(model)) return leaveOut(`is not ${MODEL_NAME_EXPECTED}`);
  const missing = (['input', 'output'] as const).find((bucket) => !isGiven(entry, bucket));
  if (missing !== undefined) return leaveOut(`has no ${FIELDS[missing]}`);
  const rates = ratesOf(entry);
  if (!rates.ok) return void found.refused.push({ model: inMap, reason: rates.error });
  if (!byName && rates.value.input === 0n && rates.value.output === 0n) return leaveOut(FREE);
  found.models.push({ model, ...rates.value });
  if (Object.keys(entry).some((field) => TIER.test(field))) found.tiered.push(model);
}

const isGiven = (entry: Entry, bucket: Bucket): boolean =>
  entry[FIELDS[bucket]] !== undefined && entry[FIELDS[bucket]] !== null;

const noTokens = ({ mode }: Entry): string =>
  typeof mode === 'string' ? `has no price for tokens (${mode})` : 'has no price for tokens';

function ratesOf(entry: Entry): Result<ModelRates, string> {
  const rates: Partial<Record<Bucket, bigint>> = {};
  for (const bucket of BUCKETS) {
    if (!isGiven(entry, bucket)) continue;
    const field = FIELDS[bucket];
    const price = entry[field];
    if (!isLosslessNumber(price)) return err(`${field} must be a JSON number`);
    const rate = exactRate(price.value);
    if (!rate.ok) return err(`${field} ${price.value} ${rate.error}`);
    rates[bucket] = rate.value;
  }
  return ok(rates as ModelRates);
}
