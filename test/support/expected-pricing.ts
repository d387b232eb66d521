/**
 * What a run costs on the standard card, worked out a second time from the domain rules alone: plain numbers in
 * thousandths of a credit, remainders instead of a rounding division, markup tables found by counting. It shares no
 * line with the pricing code and must stay so: tests hold the one against the other.
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

export type ExpectedPolicy = 'three-part-v1' | 'graduated-v2' | 'token-credits-v0';

export interface ExpectedRun {
  /** Default three-part-v1. */
  readonly policy?: ExpectedPolicy;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number;
  readonly cacheWriteTokens?: number;
  /** Credits; 0 for none. */
  readonly creatorFee: number;
  /** A creator who runs an own prompt pays no fee. */
  readonly creatorIsPayer?: boolean;
  /** On the user's own provider key; the BYOK fee is not worked out here. */
  readonly byok?: boolean;
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

/** @throws for a model that the policy has no price for. */
export function expectedCharge(run: ExpectedRun): ExpectedCharge {
  const { policy = 'three-part-v1', byok = false } = run;
  const creatorFee = run.creatorIsPayer === true ? 0 : run.creatorFee;
  const platformShare = (creatorFee - (creatorFee % 5)) / 5;
  const inference = byok ? 0 : expectedInference(policy, run);
  const markup = byok ? 0 : expectedMarkup(policy, { inference, creatorFee, platformShare });
  return {
    inference: BigInt(inference),
    markup: BigInt(markup),
    creatorFee: BigInt(creatorFee),
    creatorShare: BigInt(creatorFee - platformShare),
    platformShare: BigInt(platformShare),
    total: BigInt(exact(inference + markup + creatorFee)),
  };
}

/** Tokens of a plan credit, and credits of one. */
const TOKENS_OF_PLAN_CREDIT: Readonly<Record<string, number>> = {
  'gpt-4': 8,
  'gpt-3.5-turbo': 80,
  deepseek: 100,
};
const CREDITS_OF_PLAN_CREDIT = 10_000;

export const EXPECTED_V0_MODELS: readonly string[] = Object.keys(TOKENS_OF_PLAN_CREDIT);

function expectedInference(policy: ExpectedPolicy, run: ExpectedRun): number {
  const { model, inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteTokens = 0 } = run;
  if (policy === 'token-credits-v0') {
    const perPlanCredit = TOKENS_OF_PLAN_CREDIT[model];
    if (perPlanCredit === undefined) throw new Error(`expectedCharge: v0 has no price for model "${model}"`);
    const all = exact(inputTokens + outputTokens + cachedInputTokens + cacheWriteTokens);
    return exact(roundedUp(all, perPlanCredit) * CREDITS_OF_PLAN_CREDIT);
  }
  const prices = STANDARD[model];
  if (prices === undefined) throw new Error(`expectedCharge: no price for model "${model}"`);
  const thousandths =
    exact(inputTokens * prices.input) +
    exact(outputTokens * prices.output) +
    exact(cachedInputTokens * prices.cacheRead) +
    exact(cacheWriteTokens * prices.cacheWrite);
  return roundedUp(exact(thousandths), 1_000);
}

function expectedMarkup(
  policy: ExpectedPolicy,
  {
    inference,
    creatorFee,
    platformShare,
  }: { readonly inference: number; readonly creatorFee: number; readonly platformShare: number },
): number {
  switch (policy) {
    case 'three-part-v1':
      return creatorFee > 0 ? 0 : markupOf(inference);
    case 'graduated-v2': {
      const markup = graduatedMarkupOf(inference);
      return markup > platformShare ? markup - platformShare : 0;
    }
    case 'token-credits-v0':
      return 0;
  }
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

/**
 * Graduated markup of every inference cost from 0 to `upTo`, found by counting: each credit of inference adds its own
 * thousandths, and a further whole credit is due as soon as one is begun.
 */
export function countedGraduatedMarkups(upTo: number): readonly number[] {
  const markups: number[] = [];
  let due = 0;
  let spare = 0;
  for (let inference = 0; inference <= upTo; inference++) {
    if (inference > 0) spare -= inference <= 10_000 ? 200 : inference <= 100_000 ? 100 : 5;
    if (spare < 0) {
      due += 1;
      spare += 1_000;
    }
    markups.push(due);
  }
  return markups;
}

/** Each band's own offset, as an accountant would tabulate it. */
function graduatedMarkupOf(inference: number): number {
  if (inference <= 10_000) return roundedUp(inference * 2, 10);
  if (inference <= 100_000) return roundedUp(10_000 + inference, 10);
  return roundedUp(exact(11_000 * 200 + inference - 100_000), 200);
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
