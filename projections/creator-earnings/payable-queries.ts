import { maturesAt } from '#libs/ledger/creator/earnings.js';
import type { PayoutDestination } from '#libs/ledger/creator/state.js';
import { type CreatorTerms, DAY_MS } from '#libs/ledger/creator/terms.js';
import { type AsOf, queryAsOf, withValue } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const PAYABLE_CREATORS = {
  name: 'payable-creators',
  text: sqlFile(import.meta.dirname, 'payable-creators.sql'),
  key: 'creator_id',
};

/** What a creator can be paid, and where. */
export interface PayableCreator {
  readonly creatorId: string;
  /** Credits; negative after refunds of what was paid out already. */
  readonly payable: bigint;
  readonly destination?: PayoutDestination;
}

interface PayableColumns {
  readonly creator_id: string;
  readonly payable: string;
  readonly destination_provider: string | null;
  readonly destination_reference: string | null;
}

export interface PayablePage {
  /** Time at which it is judged what has matured, milliseconds since the epoch. */
  readonly t: number;
  readonly terms: CreatorTerms;
  /** Only creators behind this id, bytewise; '' begins. */
  readonly after: string;
  readonly limit: number;
}

/** First day (its first millisecond) whose earnings have not matured at `t`. */
export function firstWaitingDay(t: number, terms: CreatorTerms): number {
  const matured = Math.floor((t - maturesAt(0, terms)) / DAY_MS) * DAY_MS;
  return matured + DAY_MS;
}

/** A page of creators with what is payable to each at `t`, in the order of their ids; those owed nothing too. */
export async function payableCreators(
  db: Queryable,
  { t, terms, after, limit }: PayablePage,
): Promise<AsOf<readonly PayableCreator[]>> {
  const values = [firstWaitingDay(t, terms), after, limit];
  const found = await queryAsOf<PayableColumns>(db, PAYABLE_CREATORS, values);
  return withValue(found, found.value.map(payableOf));
}

function payableOf(row: PayableColumns): PayableCreator {
  const { destination_provider: provider, destination_reference: reference } = row;
  return {
    creatorId: row.creator_id,
    payable: BigInt(row.payable),
    ...(provider === null || reference === null ? {} : { destination: { provider, reference } }),
  };
}

const PAGE = 500;

/** All creators with what is payable to each at `t`, a page at a time. @throws when the read model shows another log */
export async function* payablePages(
  db: Queryable,
  { logId, t, terms }: Pick<PayablePage, 't' | 'terms'> & { readonly logId: string },
): AsyncIterable<readonly PayableCreator[]> {
  for (let after = ''; ;) {
    const { value: page, logId: shown } = await payableCreators(db, { t, terms, after, limit: PAGE });
    if (shown !== logId) throw new Error(`The read models show log ${shown}, not ${logId}: rebuild them.`);
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.creatorId;
  }
}
