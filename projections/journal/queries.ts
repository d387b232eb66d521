import { type AsOf, queryAsOf, withValue } from '#libs/projection-runner/as-of.js';
import type { Queryable } from '#libs/projection-runner/queryable.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const sql = (file: string): string => sqlFile(import.meta.dirname, file);
const READ_ACCOUNTS = { name: 'read-accounts', text: sql('read-accounts.sql'), key: 'account' };
const READ_ACCOUNTS_AS_OF = {
  name: 'read-accounts-as-of',
  text: sql('read-accounts-as-of.sql'),
  key: 'account',
};
const SUM_ACCOUNTS = { name: 'sum-accounts', text: sql('sum-accounts.sql'), key: 'total' };
const CLEARING_OPEN = {
  name: 'clearing-accounts-open',
  text: sql('clearing-accounts-open.sql'),
  key: 'account',
};

/** Credits positive, debits negative. */
export interface AccountBalance {
  readonly account: string;
  readonly balance: bigint;
}

export interface TrialBalance {
  /** Every account that was ever posted to, by name. */
  readonly accounts: readonly AccountBalance[];
  /** Sum of all balances: 0 at every position. */
  readonly total: bigint;
}

interface AccountColumns {
  readonly account: string;
  readonly balance: string;
}

/**
 * The books as far as they are written, or as they stood at log position `asOf`. `position` of the answer is then
 * `asOf` or, when the books have not come so far yet, where they are.
 */
export async function readTrialBalance(
  db: Queryable,
  { asOf }: { readonly asOf?: bigint } = {},
): Promise<AsOf<TrialBalance>> {
  const found =
    asOf === undefined
      ? await queryAsOf<AccountColumns>(db, READ_ACCOUNTS)
      : await queryAsOf<AccountColumns>(db, READ_ACCOUNTS_AS_OF, [asOf]);
  const accounts = found.value.map(balanceOf);
  const total = accounts.reduce((sum, { balance }) => sum + balance, 0n);
  const shown = withValue(found, { accounts, total });
  return asOf === undefined || asOf > found.position ? shown : { ...shown, position: asOf };
}

/** Creators' shares that were charged and not yet moved on: accounts `clearing:…` other than zero. */
export async function clearingAccountsOpen(db: Queryable): Promise<AsOf<readonly AccountBalance[]>> {
  const found = await queryAsOf<AccountColumns>(db, CLEARING_OPEN);
  return withValue(found, found.value.map(balanceOf));
}

/** What has to be watched of the books, however many accounts there are. */
export interface BooksSummary {
  /** Sum of all balances: 0 at every position. */
  readonly total: bigint;
  /** Accounts `clearing:…` other than zero. */
  readonly clearingOpen: number;
}

export async function readBooksSummary(db: Queryable): Promise<AsOf<BooksSummary>> {
  const found = await queryAsOf<{ readonly total: string; readonly clearing_open: string }>(db, SUM_ACCOUNTS);
  const row = found.value[0]!;
  return withValue(found, { total: BigInt(row.total), clearingOpen: Number(row.clearing_open) });
}

const balanceOf = ({ account, balance }: AccountColumns): AccountBalance => ({
  account,
  balance: BigInt(balance),
});
