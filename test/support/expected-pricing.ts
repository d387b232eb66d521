/**
 * What a run costs under three-part-v1 and the standard card, worked out a second time from the domain rules alone:
 * plain numbers in thousandths of a credit, remainders instead of a rounding division, a counted markup table. It
 * shares no line with the pricing code and must stay so: tests hold the one against the other.
 */

/** Thousandths of a dollar per 1M tokens (= thousandths of a credit per token). */
interface Prices {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

const OPUS: Prices = { input: 15_000, output: 75_000, cacheRead: 1_500, cacheWrite: 18_750 };

/** USD per 1M tokens x 1,000. A bucket that the published card leaves open repeats the input price. */
const STANDARD: Readonly<Record<string, Prices>> = {
  'gpt-4': { input: 30_000, output: 60_000, cacheRead: 30_000, cacheWrite: 30_000 },
  'gpt-4-turbo': { input: 10_000, output: 30_000, cacheRead: 10_000, cacheWrite: 10_000 },
  'gpt-4-32k': { input: 60_000, output: 120_000, cacheRead: 60_000, cacheWrite: 60_000 },
  'gpt-3.5-turbo': { input: 500, output: 1_500, cacheRead: 500, cacheWrite: 500 },
  deepseek: { input: 280, output: 420, cacheRead: 28, cacheWrite: 280 },
  'claude-3-opus': OPUS,
  'claude-3-opus-200k': OPUS,
  'claude-3-sonnet': { input: 3_000, output: 15_000, cacheRead: 300, cacheWrite: 3_750 },
  'mistral-large': { input: 2_000, output: 6_000, cacheRead: 2_000, cacheWrite: 2_000 },
  'mixtral-8x7b': { input: 700, output: 700, cacheRead: 700, cacheWrite: 700 },
};

export const EXPECTED_MODELS: readonly string[] = Object.keys(STANDARD);

export interface ExpectedRun {
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number;
  readonly cacheWriteTokens?: number;
  /** Credits; 0 for none. */
  readonly creatorFee: number;
  /** A creator who runs an own prompt pays no fee. */
  readonly creatorIsPayer?: boolean;
}

/** Components of a charge, in credits. */
export interface ExpectedCharge {
  readonly inference: bigint;
  readonly markup: bigint;
  readonly creatorFee: bigint;
  readonly creatorShare: bigint;
  readonly platformShare: bigint;
  readonly total: bigint;
}

/** @throws for a model that is not on the standard card. */
export function expectedCharge(run: ExpectedRun): ExpectedCharge {
  const prices = STANDARD[run.model];
  if (prices === undefined) throw new Error(`expectedCharge: no price for model "${run.model}"`);
  const thousandths =
    exact(run.inputTokens * prices.input) +
    exact(run.outputTokens * prices.output) +
    exact((run.cachedInputTokens ?? 0) * prices.cacheRead) +
    exact((run.cacheWriteTokens ?? 0) * prices.cacheWrite);
  const inference = roundedUp(exact(thousandths), 1_000);
  const creatorFee = run.creatorIsPayer === true ? 0 : run.creatorFee;
  const markup = creatorFee > 0 ? 0 : markupOf(inference);
  const platformShare = (creatorFee - (creatorFee % 5)) / 5;
  return {
    inference: BigInt(inference),
    markup: BigInt(markup),
    creatorFee: BigInt(creatorFee),
    creatorShare: BigInt(creatorFee - platformShare),
    platformShare: BigInt(platformShare),
    total: BigInt(exact(inference + markup + creatorFee)),
  };
}

/** Markup of every inference cost from 0 to `upTo`, found by counting up credit by credit. */
export function countedMarkups(upTo: number): readonly number[] {
  const markups: number[] = [];
  let fifths = 0;
  let tenths = 0;
  for (let inference = 0; inference <= upTo; inference++) {
    // A further credit of markup is due as soon as the first credit of the next five (or ten) is spent.
    if (inference % 5 === 1) fifths += 1;
    if (inference % 10 === 1) tenths += 1;
    if (inference <= 9_999) markups.push(fifths);
    else if (inference <= 99_999) markups.push(tenths);
    else markups.push(500);
  }
  return markups;
}

function markupOf(inference: number): number {
  if (inference >= 100_000) return 500;
  const percent = inference >= 10_000 ? 10 : 20;
  return roundedUp(inference * percent, 100);
}

function roundedUp(amount: number, unit: number): number {
  const rest = amount % unit;
  return (amount - rest) / unit + (rest === 0 ? 0 : 1);
}

function exact(amount: number): number {
  if (!Number.isSafeInteger(amount)) throw new Error(`expectedCharge: ${amount} is beyond exact numbers`);
  return amount;
}
