interface Slot<V> {
  readonly value: V;
  /** The handle of this size and larger ones see the entry. */
  readonly order: number;
}

interface Shared<V> {
  readonly slots: Map<string, Slot<V>>;
  /** Number of entries of the newest handle. */
  newest: number;
}

/**
 * An immutable map that only grows, made for folding long streams: `with` gives a new handle in constant time,
 * because handles of one history share a table and each sees only the entries made before it. Adding to a handle
 * that is not the newest copies the table first, so older handles and other branches never change.
 */
export class GrowingMap<V> {
  private constructor(
    private readonly shared: Shared<V>,
    readonly size: number,
  ) {}

  static empty<V>(): GrowingMap<V> {
    return new GrowingMap<V>({ slots: new Map(), newest: 0 }, 0);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  get(key: string): V | undefined {
    const slot = this.shared.slots.get(key);
    return slot !== undefined && slot.order <= this.size ? slot.value : undefined;
  }

  /** The map with one more entry. @throws when the key is there already: entries are facts and never change. */
  with(key: string, value: V): GrowingMap<V> {
    if (this.has(key)) throw new Error(`GrowingMap: "${key}" is already there`);
    const shared = this.size === this.shared.newest ? this.shared : this.fork();
    const order = this.size + 1;
    shared.slots.set(key, { value, order });
    shared.newest = order;
    return new GrowingMap(shared, order);
  }

  private fork(): Shared<V> {
    const slots = new Map<string, Slot<V>>();
    for (const [key, slot] of this.shared.slots) if (slot.order <= this.size) slots.set(key, slot);
    return { slots, newest: this.size };
  }
}
