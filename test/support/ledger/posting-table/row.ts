import type { LedgerEvent } from '#libs/ledger/events.js';

/** Credits by account, credit positive, debit negative. */
export type Journal = Readonly<Record<string, bigint>>;

/** One line of the table of domain rules, section 5, which is written a second time here: what it is, and its books. */
export type Row = readonly [rule: string, event: LedgerEvent, journal: Journal];
