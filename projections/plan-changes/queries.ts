import { type AsOf, queryAsOf, withValue } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const sql = (file: string): string => sqlFile(import.meta.dirname, file);
const AS_OF = { name: 'past-runs-as-of', text: sql('past-runs-as-of.sql'), key: 'as_of_log' };
const PAGE = { name: 'page-past-runs', text: sql('page-past-runs.sql') };

/** A charged run with what was refunded of it by now and the plan it was charged on. Amounts in credits. */
export interface PastRunView {
  readonly userId: string;
  readonly runId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly ranAt: number | undefined;
  readonly plan: string;
  readonly model: string;
  readonly byok: boolean;
  readonly creatorId: string | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly policy: string;
  readonly rateCard: string;
  readonly rateCardVersion: number;
  readonly inference: bigint;
  readonly markup: bigint;
  readonly byokFee: bigint;
  readonly creatorShare: bigint;
  readonly platformShare: bigint;
  readonly allowance: bigint;
  /** Undefined when nothing was refunded. */
  readonly refunded: RefundedParts | undefined;
}

export interface RefundedParts {
  readonly inference: bigint;
  readonly markup: bigint;
  readonly byokFee: bigint;
  readonly creatorShare: bigint;
  readonly platformShare: bigint;
}

/** Where a reader of all past runs stands: behind this run. */
export interface PastRunCursor {
  readonly userId: string;
  readonly runId: string;
}

export const FIRST_PAST_RUN: PastRunCursor = { userId: '', runId: '' };

interface PastRunColumns {
  readonly user_id: string;
  readonly run_id: string;
  readonly occurred_at_ms: string;
  readonly ran_at_ms: string | null;
  readonly plan: string | null;
  readonly model: string;
  readonly byok: boolean;
  readonly creator_id: string | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cached_input_tokens: number;
  readonly cache_write_tokens: number;
  readonly policy: string;
  readonly rate_card: string;
  readonly rate_card_version: number;
  readonly inference: string;
  readonly markup: string;
  readonly byok_fee: string;
  readonly creator_share: string;
  readonly platform_share: string;
  readonly allowance: string;
  readonly refunded: string;
  readonly refunded_inference: string;
  readonly refunded_markup: string;
  readonly refunded_byok_fee: string;
  readonly refunded_creator_share: string;
  readonly refunded_platform_share: string;
}

/** How far runs and plans are both known. */
export async function pastRunsAsOf(db: Queryable): Promise<AsOf<undefined>> {
  return withValue(await queryAsOf(db, AS_OF), undefined);
}

/**
 * The next runs in the order of user and run id, charged at or before `upTo`. A row shows the refunds made by the time
 * it is read.
 */
export async function pagePastRuns(
  db: Queryable,
  after: PastRunCursor,
  { upTo, limit }: { readonly upTo: bigint; readonly limit: number },
): Promise<readonly PastRunView[]> {
  const values = [after.userId, after.runId, upTo.toString(), limit];
  const { rows } = await db.query<PastRunColumns>({ ...PAGE, values });
  return rows.map(viewOf);
}

function viewOf(row: PastRunColumns): PastRunView {
  if (row.plan === null)
    throw new Error(`Run ${row.run_id} of ${row.user_id} was charged before any plan began.`);
  return {
    userId: row.user_id,
    runId: row.run_id,
    at: Number(row.occurred_at_ms),
    ranAt: row.ran_at_ms === null ? undefined : Number(row.ran_at_ms),
    plan: row.plan,
    model: row.model,
    byok: row.byok,
    creatorId: row.creator_id ?? undefined,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    cachedInputTokens: row.cached_input_tokens,
    cacheWriteTokens: row.cache_write_tokens,
    policy: row.policy,
    rateCard: row.rate_card,
    rateCardVersion: row.rate_card_version,
    inference: BigInt(row.inference),
    markup: BigInt(row.markup),
    byokFee: BigInt(row.byok_fee),
    creatorShare: BigInt(row.creator_share),
    platformShare: BigInt(row.platform_share),
    allowance: BigInt(row.allowance),
    refunded: refundedOf(row),
  };
}

function refundedOf(row: PastRunColumns): RefundedParts | undefined {
  if (row.refunded === '0') return undefined;
  return {
    inference: BigInt(row.refunded_inference),
    markup: BigInt(row.refunded_markup),
    byokFee: BigInt(row.refunded_byok_fee),
    creatorShare: BigInt(row.refunded_creator_share),
    platformShare: BigInt(row.refunded_platform_share),
  };
}
