import { type AsOf, queryAsOf, withValue } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const sql = (file: string): string => sqlFile(import.meta.dirname, file);
const READ_RUN = { name: 'read-run', text: sql('read-run.sql'), key: 'run_id' };
const TOP_MODELS = { name: 'top-models', text: sql('top-models.sql'), key: 'model' };
const CHARGE_TOTALS = { name: 'charge-totals', text: sql('charge-totals.sql'), key: 'runs' };

/** Components of one price or of a sum of prices, in credits. */
export interface PriceView {
  readonly inference: bigint;
  readonly markup: bigint;
  readonly byokFee: bigint;
  readonly creatorFee: bigint;
  readonly creatorShare: bigint;
  readonly platformShare: bigint;
  readonly total: bigint;
  /** Part of the total that an unlimited plan covered. */
  readonly allowance: bigint;
}

/** A charged run; times in milliseconds since the epoch. */
export interface RunView extends PriceView {
  readonly userId: string;
  readonly runId: string;
  readonly position: bigint;
  readonly eventId: string;
  readonly promptId: string | undefined;
  readonly model: string;
  readonly purpose: string;
  readonly byok: boolean;
  readonly creatorId: string | undefined;
  readonly occurredAt: number;
  readonly ranAt: number | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly policy: string;
  readonly rateCard: string;
  readonly rateCardVersion: number;
  /** Who charged it, under which key, and the hash of what was asked. */
  readonly principal: string;
  readonly key: string;
  readonly bodyHash: string;
  /** Part of the total that nobody paid at the time. */
  readonly uncollected: bigint;
  /** The hold that the charge settled. */
  readonly holdId: string | undefined;
  /** What was given back since, all refunds together. */
  readonly refunded: RefundView;
}

/** Components of what was refunded, in credits; `total` is their sum. */
export interface RefundView {
  readonly inference: bigint;
  readonly markup: bigint;
  readonly byokFee: bigint;
  readonly creatorShare: bigint;
  readonly platformShare: bigint;
  readonly total: bigint;
}

/** What sums of charges come to after refunds. */
export interface NetView {
  /** Given back since. */
  readonly refunded: bigint;
  /** What is left of the total. */
  readonly net: bigint;
}

/** Sums over the charged runs of a model, as charged. */
export interface ModelTotals extends PriceView, NetView {
  readonly model: string;
  readonly runs: bigint;
  readonly inputTokens: bigint;
  readonly outputTokens: bigint;
  readonly cachedInputTokens: bigint;
  readonly cacheWriteTokens: bigint;
}

/** Sums over all charged runs, as charged. */
export interface ChargeTotals extends PriceView, NetView {
  readonly rows: bigint;
}

interface PriceColumns {
  readonly inference: string;
  readonly markup: string;
  readonly byok_fee: string;
  readonly creator_fee: string;
  readonly creator_share: string;
  readonly platform_share: string;
  readonly total: string;
  readonly allowance: string;
}

interface RunColumns extends PriceColumns {
  readonly run_position: string;
  readonly user_id: string;
  readonly run_id: string;
  readonly prompt_id: string | null;
  readonly model: string;
  readonly purpose: string;
  readonly byok: boolean;
  readonly creator_id: string | null;
  readonly occurred_at_ms: string;
  readonly ran_at_ms: string | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cached_input_tokens: number;
  readonly cache_write_tokens: number;
  readonly policy: string;
  readonly rate_card: string;
  readonly rate_card_version: number;
  readonly event_id: string;
  readonly principal: string;
  readonly key: string;
  readonly body_hash: string;
  readonly uncollected: string;
  readonly hold_id: string | null;
  readonly refunded_inference: string;
  readonly refunded_markup: string;
  readonly refunded_byok_fee: string;
  readonly refunded_creator_share: string;
  readonly refunded_platform_share: string;
  readonly refunded: string;
}

interface TotalsColumns extends PriceColumns {
  readonly model: string;
  readonly runs: string;
  readonly input_tokens: string;
  readonly output_tokens: string;
  readonly cached_input_tokens: string;
  readonly cache_write_tokens: string;
  readonly refunded: string;
  readonly net: string;
}

/** The charge of a run; undefined when it was not charged. */
export async function readRun(
  db: Queryable,
  userId: string,
  runId: string,
): Promise<AsOf<RunView | undefined>> {
  const found = await queryAsOf<RunColumns>(db, READ_RUN, [userId, runId]);
  const [row] = found.value;
  return withValue(found, row && runOf(row));
}

/** Models by what their runs cost after refunds, dearest first. */
export async function topModels(db: Queryable, limit: number): Promise<AsOf<readonly ModelTotals[]>> {
  const found = await queryAsOf<TotalsColumns>(db, TOP_MODELS, [limit]);
  return withValue(
    found,
    found.value.map((row) => ({
      model: row.model,
      runs: BigInt(row.runs),
      inputTokens: BigInt(row.input_tokens),
      outputTokens: BigInt(row.output_tokens),
      cachedInputTokens: BigInt(row.cached_input_tokens),
      cacheWriteTokens: BigInt(row.cache_write_tokens),
      ...priceOf(row),
      ...netOf(row),
    })),
  );
}

/** What all charged runs come to. */
export async function readChargeTotals(db: Queryable): Promise<AsOf<ChargeTotals>> {
  const found = await queryAsOf<TotalsColumns>(db, CHARGE_TOTALS);
  const row = found.value[0]!;
  return withValue(found, { rows: BigInt(row.runs), ...priceOf(row), ...netOf(row) });
}

const priceOf = (row: PriceColumns): PriceView => ({
  inference: BigInt(row.inference),
  markup: BigInt(row.markup),
  byokFee: BigInt(row.byok_fee),
  creatorFee: BigInt(row.creator_fee),
  creatorShare: BigInt(row.creator_share),
  platformShare: BigInt(row.platform_share),
  total: BigInt(row.total),
  allowance: BigInt(row.allowance),
});

const netOf = ({ refunded, net }: TotalsColumns): NetView => ({
  refunded: BigInt(refunded),
  net: BigInt(net),
});

const runOf = (row: RunColumns): RunView => ({
  userId: row.user_id,
  runId: row.run_id,
  position: BigInt(row.run_position),
  eventId: row.event_id,
  promptId: row.prompt_id ?? undefined,
  model: row.model,
  purpose: row.purpose,
  byok: row.byok,
  creatorId: row.creator_id ?? undefined,
  occurredAt: Number(row.occurred_at_ms),
  ranAt: row.ran_at_ms === null ? undefined : Number(row.ran_at_ms),
  inputTokens: row.input_tokens,
  outputTokens: row.output_tokens,
  cachedInputTokens: row.cached_input_tokens,
  cacheWriteTokens: row.cache_write_tokens,
  policy: row.policy,
  rateCard: row.rate_card,
  rateCardVersion: row.rate_card_version,
  principal: row.principal,
  key: row.key,
  bodyHash: row.body_hash,
  uncollected: BigInt(row.uncollected),
  holdId: row.hold_id ?? undefined,
  refunded: {
    inference: BigInt(row.refunded_inference),
    markup: BigInt(row.refunded_markup),
    byokFee: BigInt(row.refunded_byok_fee),
    creatorShare: BigInt(row.refunded_creator_share),
    platformShare: BigInt(row.refunded_platform_share),
    total: BigInt(row.refunded),
  },
  ...priceOf(row),
});
