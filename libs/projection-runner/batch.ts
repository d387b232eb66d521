import { setImmediate as breathe } from 'node:timers/promises';
import type { LoggedEvent, MergeTable, Projection, Row, Table } from './projection.js';
import { arrayLiteral, copyCell } from './text-format.js';
import { SLICE_EVENTS } from './window.js';

/** What a window means for one table, ready to be sent. */
export type TableWrite =
  | { readonly kind: 'copy'; readonly table: Table; readonly lines: string }
  | {
      readonly kind: 'change';
      readonly table: MergeTable;
      readonly sql: string;
      readonly keys: number;
      /** One array literal a field. */
      readonly arrays: readonly string[];
    };

/** What a window means for a projection: writes in the order of its tables, tables without changes left out. */
export async function writesOf(
  projection: Projection,
  events: readonly LoggedEvent[],
): Promise<readonly TableWrite[]> {
  const batch = new Batch(projection.tables);
  for (let at = 0; at < events.length; at++) {
    if (at > 0 && at % SLICE_EVENTS === 0) await breathe();
    for (const { table, row } of projection.project(events[at]!)) batch.add(table, row);
  }
  return batch.writes();
}

class Batch {
  readonly #added = new Map<Table, Row[]>();
  readonly #merged = new Map<Table, Map<string, Row>>();

  constructor(private readonly tables: readonly Table[]) {}

  add(table: Table, row: Row): void {
    if (table.kind === 'append') {
      const rows = this.#added.get(table);
      if (rows === undefined) this.#added.set(table, [row]);
      else rows.push(row);
      return;
    }
    let rows = this.#merged.get(table);
    if (rows === undefined) this.#merged.set(table, (rows = new Map<string, Row>()));
    const key = table.key(row);
    const earlier = rows.get(key);
    rows.set(key, earlier === undefined ? row : table.combine(earlier, row));
  }

  writes(): readonly TableWrite[] {
    return this.tables.flatMap((table): TableWrite[] => {
      const added = this.#added.get(table);
      if (added !== undefined) return [{ kind: 'copy', table, lines: copyLines(table.fields, added) }];
      const rows = this.#merged.get(table);
      return rows === undefined || table.kind === 'append' ? [] : [mergedWrite(table, rows)];
    });
  }
}

function mergedWrite(table: MergeTable, rows: ReadonlyMap<string, Row>): TableWrite {
  const { fields, sql } = table;
  if (sql === undefined) return { kind: 'copy', table, lines: copyLines(fields, rows.values()) };
  // In the order of the index: neighbours share its pages.
  const sorted = [...rows.keys()].sort().map((key) => rows.get(key)!);
  const arrays = fields.map((field) => arrayLiteral(sorted.map((row) => row[field])));
  return { kind: 'change', table, sql, keys: rows.size, arrays };
}

function copyLines(fields: readonly string[], rows: Iterable<Row>): string {
  let lines = '';
  for (const row of rows) {
    let line = copyCell(row[fields[0]!]);
    for (let i = 1; i < fields.length; i++) line += `\t${copyCell(row[fields[i]!])}`;
    lines += `${line}\n`;
  }
  return lines;
}
