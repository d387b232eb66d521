/**
 * An immutable map whose newest handle costs what a `Map` costs: `with` and `without` give a new handle that takes the
 * table over, and leave behind in the old one the single entry in which they differ (Baker's re-rooting). Reading an
 * older handle moves the table back to it first, one step a change, so histories may branch and be tried in vain.
 * Values are never undefined.
 */
export class PersistentMap<V> {
  /** The entry in which this handle differs from `next`, a newer one; only while it has no table. */
  private key = '';
  private value: V | undefined;
  private next: PersistentMap<V> | undefined;

  /** One handle of a history has the table; the others lead to it. */
  private constructor(private own: Map<string, V> | undefined) {}

  static empty<V>(): PersistentMap<V> {
    return new PersistentMap<V>(new Map());
  }

  static of<V>(entries: Iterable<readonly [string, V]>): PersistentMap<V> {
    return new PersistentMap<V>(new Map(entries));
  }

  get size(): number {
    return this.table().size;
  }

  get(key: string): V | undefined {
    return this.table().get(key);
  }

  has(key: string): boolean {
    return this.table().has(key);
  }

  /** In an order that depends on the history of changes; sort where order matters. */
  entries(): readonly (readonly [string, V])[] {
    return [...this.table()];
  }

  values(): readonly V[] {
    return [...this.table().values()];
  }

  /** The map with `value` under `key`, replacing what was there. */
  with(key: string, value: V): PersistentMap<V> {
    const table = this.table();
    // Nothing to take over: one empty map may be the beginning of many that never meet again.
    if (table.size === 0) return new PersistentMap(new Map([[key, value]]));
    const before = table.get(key);
    table.set(key, value);
    return this.handOver(table, key, before);
  }

  /** The map without `key`; the same map when it is not there. */
  without(key: string): PersistentMap<V> {
    const table = this.table();
    const before = table.get(key);
    if (before === undefined) return this;
    table.delete(key);
    return this.handOver(table, key, before);
  }

  private handOver(table: Map<string, V>, key: string, before: V | undefined): PersistentMap<V> {
    const next = new PersistentMap(table);
    this.differsFrom(next, key, before);
    return next;
  }

  private differsFrom(next: PersistentMap<V>, key: string, value: V | undefined): void {
    this.own = undefined;
    this.key = key;
    this.value = value;
    this.next = next;
  }

  /** The table, moved here from the newest handle if need be. */
  private table(): Map<string, V> {
    return this.own ?? this.moved();
  }

  /** A loop: histories may be long. */
  private moved(): Map<string, V> {
    const path: PersistentMap<V>[] = [this];
    let newer = this.next!;
    while (newer.own === undefined) {
      path.push(newer);
      newer = newer.next!;
    }
    const table = newer.own;
    for (const handle of path.reverse()) {
      const { key, value } = handle;
      newer.differsFrom(handle, key, table.get(key));
      if (value === undefined) table.delete(key);
      else table.set(key, value);
      newer = handle;
    }
    this.own = table;
    this.next = undefined;
    this.value = undefined;
    return table;
  }
}
