import { type Posting, postingsOf } from '#libs/ledger/accounting/postings.js';
import {
  appendTable,
  type Change,
  type LoggedEvent,
  mergeTable,
  type Projection,
} from '#libs/projection-runner/projection.js';
import { sqlFile } from '#libs/projection-runner/sql-file.js';

const sql = (file: string): string => sqlFile(import.meta.dirname, file);

/** One posting: credit positive, debit negative. */
export interface EntryRow {
  readonly position: bigint;
  readonly account: string;
  readonly amount: bigint;
}

export const entries = appendTable<EntryRow>('entries', ['position', 'account', 'amount']);

/** To be added to an account. */
export interface AccountRow {
  readonly account: string;
  readonly balance: bigint;
  readonly entries: number;
}

export const accounts = mergeTable<AccountRow>('accounts', ['account', 'balance', 'entries'], {
  key: (row) => row.account,
  combine: (earlier, later) => ({
    account: later.account,
    balance: earlier.balance + later.balance,
    entries: earlier.entries + later.entries,
  }),
  sql: sql('add-to-accounts.sql'),
});

/** The books: every posting, and what each account holds. */
export const journal: Projection = {
  name: 'journal',
  version: 3,
  schemaSql: sql('schema.sql'),
  viewsSql: sql('views.sql'),
  tables: [entries, accounts],
  project,
};

// What a bigint column holds. One posting can be more: a wallet of ten purchases of 10^18 - 1 each that is closed.
const ENTRY_MAX = 2n ** 63n - 1n;

function project({ event, position }: LoggedEvent): readonly Change[] {
  const changes: Change[] = [];
  for (const posting of postingsOf(event)) {
    for (const { account, amount } of inEntries(posting)) {
      changes.push(
        entries.change({ position, account, amount }),
        accounts.change({ account, balance: amount, entries: 1 }),
      );
    }
  }
  return changes;
}

/** A posting too large for one entry is written as several of the same sum. */
function inEntries(posting: Posting): readonly Posting[] {
  const { account, amount } = posting;
  if (amount <= ENTRY_MAX && amount >= -ENTRY_MAX) return [posting];
  const part = amount > 0n ? ENTRY_MAX : -ENTRY_MAX;
  return [{ account, amount: part }, ...inEntries({ account, amount: amount - part })];
}
