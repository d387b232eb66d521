/** Either the table itself, or how this handle differs from a newer one. */
type Node<V> =
  | { readonly kind: 'table'; readonly table: Map<string, V> }
  | {
      readonly kind: 'before';
      readonly key: string;
      readonly value: V | undefined;
      readonly next: PersistentMap<V>;
    };

/**
 * An immutable map whose newest handle costs what a `Map` costs: `with` and `without` give a new handle that takes the
 * table over, and leave behind in the old one the single entry in which they differ (Baker's re-rooting). Reading an
 * older handle moves the table back to it first, one step a change, so histories may branch and be tried in vain.
 * Values are never undefined.
 */
export class PersistentMap<V> {
  private node: Node<V>;

  private constructor(table: Map<string, V>) {
    this.node = { kind: 'table', table };
  }

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
    this.node = { kind: 'before', key, value: before, next };
    return next;
  }

  /** The table, moved here from the newest handle if need be. A loop: histories may be long. */
  private table(): Map<string, V> {
    if (this.node.kind === 'table') return this.node.table;
    const path: PersistentMap<V>[] = [this];
    let owner = this.node.next;
    while (owner.node.kind === 'before') {
      path.push(owner);
      owner = owner.node.next;
    }
    const { table } = owner.node;
    for (const handle of path.reverse()) {
      if (handle.node.kind === 'table') throw new Error('PersistentMap: two handles own one table');
      const { key, value, next } = handle.node;
      next.node = { kind: 'before', key, value: table.get(key), next: handle };
      if (value === undefined) table.delete(key);
      else table.set(key, value);
      handle.node = { kind: 'table', table };
    }
    return table;
  }
}
