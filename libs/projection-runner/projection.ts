import type { EventMetadata } from '#libs/contracts/metadata.js';
import type { decodeEvent } from '#libs/contracts/stored-events.js';
import type { Position } from '#libs/event-store/port.js';

/** One event of the log, decoded once for all projections of the process. */
export interface LoggedEvent {
  readonly event: ReturnType<typeof decodeEvent>;
  readonly metadata: EventMetadata;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  /** When the store recorded it, milliseconds since the epoch. */
  readonly recordedAt: number;
}

/** `undefined` is stored as NULL. */
export type Cell = string | bigint | number | boolean | undefined;
export type Row = Readonly<Record<string, Cell>>;

/** One row for one table; what it does there is the table's business. */
export interface Change {
  readonly table: Table;
  readonly row: Row;
}

/** Rows that are only ever added, in log order; written by COPY. */
export interface AppendTable {
  readonly kind: 'append';
  readonly name: string;
  /** Fields of a row in the order of the columns: field `userId` is column `user_id`. */
  readonly fields: readonly string[];
}

/** Rows of one batch with the same key are combined to one before they are written. */
export interface MergeTable {
  readonly kind: 'merge';
  readonly name: string;
  readonly fields: readonly string[];
  key(row: Row): string;
  /** The one row that does what `earlier` and then `later` would have done. */
  combine(earlier: Row, later: Row): Row;
  /**
   * Changes rows that are there: one array parameter a field, in the order of `fields`; it must touch exactly one row
   * a key. Without it the combined rows are added by COPY.
   */
  readonly sql: string | undefined;
}

export type Table = AppendTable | MergeTable;

/** A table's declaration with the type of its rows. */
export type Typed<T extends Table, R> = T & { change(row: R): Change };

type Fields<R> = readonly (keyof R & string)[];
type RowOf<R> = { readonly [K in keyof R]: Cell };

/** Declares a table of rows that are only added. `name` is the table in the projection's schema. */
export function appendTable<R extends RowOf<R>>(name: string, fields: Fields<R>): Typed<AppendTable, R> {
  const table: Typed<AppendTable, R> = {
    kind: 'append',
    name,
    fields,
    change: (row) => ({ table, row: row }),
  };
  return table;
}

/** Declares rows combined by key; `key` and `combine` see rows of this table only. */
export function mergeTable<R extends RowOf<R>>(
  name: string,
  fields: Fields<R>,
  how: {
    readonly key: (row: R) => string;
    readonly combine: (earlier: R, later: R) => R;
    readonly sql?: string;
  },
): Typed<MergeTable, R> {
  const table: Typed<MergeTable, R> = {
    kind: 'merge',
    name,
    fields,
    key: (row) => how.key(row as unknown as R),
    combine: (earlier, later) => how.combine(earlier as unknown as R, later as unknown as R),
    sql: how.sql,
    change: (row) => ({ table, row: row }),
  };
  return table;
}

/** A read model: a pure function from events to changes, and the tables these go to. */
export interface Projection {
  /** Lower-case words with dashes; the schema of copy n is `p_<name>_<n>`. */
  readonly name: string;
  /** Raised whenever `project`, the tables or the views change: a stored copy of a lower version is rebuilt. */
  readonly version: number;
  /** Creates the tables; run with the copy's schema as search path. */
  readonly schemaSql: string;
  /** `create or replace view read.…` over the copy's tables; run again in the transaction that swaps copies. */
  readonly viewsSql: string;
  /** In the order in which a batch writes them: a row is added before it is changed. */
  readonly tables: readonly Table[];
  project(logged: LoggedEvent): readonly Change[];
}
