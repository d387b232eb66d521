import { type DayOfEarnings, type Earnings, splitEarnings } from '#libs/ledger/creator/earnings.js';
import type { PayoutDestination } from '#libs/ledger/creator/state.js';
import type { CreatorTerms } from '#libs/ledger/creator/terms.js';
import { DAY_MS } from '#libs/ledger/creator/terms.js';
import { type AsOf, queryAsOf, withValue } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';
import { type CreatorStatement, statementOf } from './statement.js';
import type { MovementKind } from './tables.js';

const query = (name: string, key: string) => ({
  name,
  text: sqlFile(import.meta.dirname, `${name}.sql`),
  key,
});
const READ_EARNINGS = query('read-earnings', 'creator_id');
const READ_STATEMENT = query('read-statement', 'kind');
const LIST_PAYOUTS = query('list-payouts', 'payout_id');
const TOP_CREATORS = query('top-creators', 'creator_id');

/** What a creator has earned, split as it stands at the time asked for; times in milliseconds since the epoch. */
export interface CreatorEarnings extends Earnings {
  readonly creatorId: string;
  /** Credits that refunds took back; `earned` is without them. */
  readonly reversed: bigint;
  readonly promptSources: bigint;
  readonly flowSources: bigint;
  /** Absent before the first earning. */
  readonly firstEarnedAt?: number;
  readonly lastEarnedAt?: number;
  readonly destination?: PayoutDestination;
}

interface EarningsColumns {
  readonly creator_id: string;
  readonly earned: string;
  readonly reversed: string;
  readonly in_payout: string;
  readonly paid: string;
  readonly prompt_sources: string;
  readonly flow_sources: string;
  readonly first_earned_at_ms: string | null;
  readonly last_earned_at_ms: string | null;
  readonly destination_provider: string | null;
  readonly destination_reference: string | null;
  readonly waiting_days: readonly (readonly [day: string, net: string])[] | null;
}

/** The earnings of a creator as they stand at `t`; undefined for a creator without events. */
export async function readEarnings(
  db: Queryable,
  creatorId: string,
  { t, terms }: { readonly t: number; readonly terms: CreatorTerms },
): Promise<AsOf<CreatorEarnings | undefined>> {
  // Days that may still wait at `t`; one too many does no harm, the split judges each.
  const waitingFrom = Math.floor(t - terms.holdingPeriodMs - DAY_MS);
  const found = await queryAsOf<EarningsColumns>(db, READ_EARNINGS, [creatorId, waitingFrom]);
  const [row] = found.value;
  return withValue(found, row && earningsOf(row, t, terms));
}

function earningsOf(row: EarningsColumns, t: number, terms: CreatorTerms): CreatorEarnings {
  const waiting = (row.waiting_days ?? []).map(([day, net]): DayOfEarnings => ({
    day: Number(day),
    net: BigInt(net),
  }));
  const all = BigInt(row.earned) - BigInt(row.reversed);
  // All that has matured is one day long ago.
  const matured = { day: -Infinity, net: waiting.reduce((rest, { net }) => rest - net, all) };
  const books = { days: [matured, ...waiting], inPayout: BigInt(row.in_payout), paid: BigInt(row.paid) };
  const { first_earned_at_ms: first, last_earned_at_ms: last } = row;
  const { destination_provider: provider, destination_reference: reference } = row;
  return {
    creatorId: row.creator_id,
    ...splitEarnings(books, t, terms),
    reversed: BigInt(row.reversed),
    promptSources: BigInt(row.prompt_sources),
    flowSources: BigInt(row.flow_sources),
    ...(first === null ? {} : { firstEarnedAt: Number(first) }),
    ...(last === null ? {} : { lastEarnedAt: Number(last) }),
    ...(provider === null || reference === null ? {} : { destination: { provider, reference } }),
  };
}

interface MovementColumns {
  readonly kind: MovementKind;
  readonly before: string;
  readonly within: string;
  readonly count: string;
}

/**
 * The creator's statement of the month that begins at `monthMs`; undefined for a creator of whom nothing has moved.
 * @throws when it does not add up: the read model is wrong
 */
export async function readStatement(
  db: Queryable,
  creatorId: string,
  monthMs: number,
): Promise<AsOf<CreatorStatement | undefined>> {
  const found = await queryAsOf<MovementColumns>(db, READ_STATEMENT, [creatorId, monthMs]);
  const movements = found.value.map(({ kind, before, within, count }) => ({
    kind,
    before: BigInt(before),
    within: BigInt(within),
    count: BigInt(count),
  }));
  return withValue(found, movements.length === 0 ? undefined : statementOf(movements));
}

/** A payout and how far it is; amounts in credits, times in milliseconds since the epoch. */
export interface CreatorPayout {
  readonly payoutId: string;
  /** Of its request in the log. */
  readonly position: bigint;
  readonly amount: bigint;
  readonly state: string;
  readonly provider: string;
  readonly destination: string;
  readonly requestedAt: number;
  readonly sentAt?: number;
  readonly settledAt?: number;
  readonly failedAt?: number;
  /** The provider's id of the transfer. */
  readonly reference?: string;
  readonly failedFrom?: string;
  readonly reason?: string;
}

interface PayoutColumns {
  readonly payout_id: string;
  readonly payout_position: string;
  readonly amount: string;
  readonly state: string;
  readonly provider: string;
  readonly destination: string;
  readonly requested_at_ms: string;
  readonly sent_at_ms: string | null;
  readonly settled_at_ms: string | null;
  readonly failed_at_ms: string | null;
  readonly reference: string | null;
  readonly failed_from: string | null;
  readonly reason: string | null;
}

export interface PayoutFilter {
  readonly creatorId: string;
  readonly limit: number;
  /** Only payouts requested before this position. */
  readonly before?: bigint;
}

/** The payouts of a creator, newest first. */
export async function listPayouts(
  db: Queryable,
  { creatorId, limit, before }: PayoutFilter,
): Promise<AsOf<readonly CreatorPayout[]>> {
  const values = [creatorId, limit, before?.toString() ?? null];
  const found = await queryAsOf<PayoutColumns>(db, LIST_PAYOUTS, values);
  return withValue(found, found.value.map(payoutOf));
}

function payoutOf(row: PayoutColumns): CreatorPayout {
  const { sent_at_ms: sent, settled_at_ms: settled, failed_at_ms: failed } = row;
  return {
    payoutId: row.payout_id,
    position: BigInt(row.payout_position),
    amount: BigInt(row.amount),
    state: row.state,
    provider: row.provider,
    destination: row.destination,
    requestedAt: Number(row.requested_at_ms),
    ...(sent === null ? {} : { sentAt: Number(sent) }),
    ...(settled === null ? {} : { settledAt: Number(settled) }),
    ...(failed === null ? {} : { failedAt: Number(failed) }),
    ...(row.reference === null ? {} : { reference: row.reference }),
    ...(row.failed_from === null ? {} : { failedFrom: row.failed_from }),
    ...(row.reason === null ? {} : { reason: row.reason }),
  };
}

/** A creator's place among others. */
export interface TopCreator {
  readonly creatorId: string;
  /** Credits, less what refunds took back. */
  readonly earned: bigint;
  readonly promptSources: bigint;
  readonly flowSources: bigint;
}

interface TopColumns {
  readonly creator_id: string;
  readonly earned: string;
  readonly prompt_sources: string;
  readonly flow_sources: string;
}

/** Creators by what they have earned, most first. */
export async function topCreators(db: Queryable, limit: number): Promise<AsOf<readonly TopCreator[]>> {
  const found = await queryAsOf<TopColumns>(db, TOP_CREATORS, [limit]);
  return withValue(
    found,
    found.value.map((row) => ({
      creatorId: row.creator_id,
      earned: BigInt(row.earned),
      promptSources: BigInt(row.prompt_sources),
      flowSources: BigInt(row.flow_sources),
    })),
  );
}
