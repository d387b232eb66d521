import { postingsOf } from '#libs/ledger/accounting/postings.js';
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
  version: 1,
  schemaSql: sql('schema.sql'),
  viewsSql: sql('views.sql'),
  tables: [entries, accounts],
  project,
};

function project({ event, position }: LoggedEvent): readonly Change[] {
  const changes: Change[] = [];
  for (const { account, amount } of postingsOf(event)) {
    changes.push(
      entries.change({ position, account, amount }),
      accounts.change({ account, balance: amount, entries: 1 }),
    );
  }
  return changes;
}
