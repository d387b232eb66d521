interface Slot<V> {
  readonly value: V;
  /** The handle of this size and larger ones see the entry. */
  readonly order: number;
}

/** A table that several handles share; a branch begins as an empty table over the part of another it still sees. */
interface Table<V> {
  readonly slots: Map<string, Slot<V>>;
  /** Number of entries of the newest handle. */
  newest: number;
  readonly below?: { readonly table: Table<V>; readonly size: number };
  readonly depth: number;
}

/** A chain of branches longer than this is copied into one table, so that looking up stays quick. */
const BRANCH_DEPTH_MAX = 16;

/**
 * An immutable map that only grows, made for folding long streams: `with` gives a new handle in constant time,
 * because handles of one history share a table and each sees only the entries made before it. Adding to a handle
 * that is not the newest starts a branch, so older handles and other branches never change.
 */
export class GrowingMap<V> {
  private constructor(
    private readonly table: Table<V>,
    readonly size: number,
  ) {}

  static empty<V>(): GrowingMap<V> {
    return new GrowingMap<V>({ slots: new Map(), newest: 0, depth: 0 }, 0);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  get(key: string): V | undefined {
    let size = this.size;
    for (let table: Table<V> | undefined = this.table; table !== undefined; table = table.below?.table) {
      const slot = table.slots.get(key);
      if (slot !== undefined && slot.order <= size) return slot.value;
      size = table.below?.size ?? 0;
    }
    return undefined;
  }

  /** The map with one more entry. @throws when the key is there already: entries are facts and never change. */
  with(key: string, value: V): GrowingMap<V> {
    if (this.has(key)) throw new Error(`GrowingMap: "${key}" is already there`);
    const table = this.size === this.table.newest ? this.table : this.branch();
    const order = this.size + 1;
    table.slots.set(key, { value, order });
    table.newest = order;
    return new GrowingMap(table, order);
  }

  private branch(): Table<V> {
    const { depth } = this.table;
    return depth < BRANCH_DEPTH_MAX
      ? {
          slots: new Map(),
          newest: this.size,
          below: { table: this.table, size: this.size },
          depth: depth + 1,
        }
      : { slots: this.copySlots(), newest: this.size, depth: 0 };
  }

  private copySlots(): Map<string, Slot<V>> {
    const slots = new Map<string, Slot<V>>();
    let size = this.size;
    for (let table: Table<V> | undefined = this.table; table !== undefined; table = table.below?.table) {
      for (const [key, slot] of table.slots) if (slot.order <= size) slots.set(key, slot);
      size = table.below?.size ?? 0;
    }
    return slots;
  }
}
