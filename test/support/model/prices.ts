import {
  EXPECTED_MODELS,
  EXPECTED_V0_MODELS,
  expectedCharge,
  type ExpectedPolicy,
} from '../expected-pricing.js';

/** Which rules a price is worked out by. */
export interface FixedTerms {
  policy: string;
  rateCard: string;
  rateCardVersion: number;
  byokFeeBasisPoints: number;
  /** Models of that card which only some customers may use. */
  customModels: Readonly<Record<string, CustomModel>>;
}

export interface ModelRun {
  readonly payer: string;
  readonly model: string;
  readonly tokens: {
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly cachedInputTokens: number;
    readonly cacheWriteTokens: number;
  };
  readonly byok: boolean;
  readonly creatorId?: string | undefined;
  readonly creatorFee: bigint;
}

export interface ModelPrice {
  readonly inference: bigint;
  readonly markup: bigint;
  readonly byokFee: bigint;
  readonly creatorShare: bigint;
  readonly platformShare: bigint;
}

/** A model of a customer's own. */
export interface CustomModel {
  readonly customers: readonly string[];
  /** The public model whose rates it has. */
  readonly pricedAs: string;
}

/** A fee has someone who earns it, and nobody earns from an own prompt. */
export const feeOf = (run: Pick<ModelRun, 'payer' | 'creatorId' | 'creatorFee'>): bigint =>
  run.creatorId === undefined || run.creatorId === run.payer ? 0n : run.creatorFee;

export const isPriced = (model: string, { policy, customModels }: FixedTerms): boolean =>
  policy === 'token-credits-v0'
    ? EXPECTED_V0_MODELS.includes(model)
    : EXPECTED_MODELS.includes(model) || customModels[model] !== undefined;

/** Of a model that is priced. */
export function priceOf(run: ModelRun, terms: FixedTerms): ModelPrice {
  const policy = terms.policy as ExpectedPolicy;
  const model = terms.customModels[run.model]?.pricedAs ?? run.model;
  const creatorFee = Number(feeOf(run));
  const { inference, markup, creatorShare, platformShare } = expectedCharge({
    policy,
    model,
    ...run.tokens,
    creatorFee,
  });
  if (!run.byok) return { inference, markup, byokFee: 0n, creatorShare, platformShare };
  const share = inference * BigInt(terms.byokFeeBasisPoints);
  const byokFee = share / 10_000n + (share % 10_000n === 0n ? 0n : 1n);
  return { inference: 0n, markup: 0n, byokFee, creatorShare, platformShare };
}

/** What an unlimited plan covers of it; the rest always draws lots. */
export const coveredOf = (price: ModelPrice): bigint => price.inference + price.markup + price.byokFee;
export const totalOf = (price: ModelPrice): bigint =>
  coveredOf(price) + price.creatorShare + price.platformShare;
