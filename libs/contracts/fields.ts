/** Reading the flat fields of a stored event; everything unexpected fails loudly, naming type and field. */

export type StoredFields = Readonly<Record<string, unknown>>;

/** A stored event that cannot be read: the log holds something this version of the code does not know. */
export class UnreadableEventError extends Error {
  override readonly name = 'UnreadableEventError';
}

export class FieldReader {
  constructor(
    private readonly type: string,
    private readonly fields: StoredFields,
  ) {}

  text<T extends string = string>(name: string): T {
    const value = this.fields[name];
    if (typeof value !== 'string') this.fail(name, 'text');
    return value as T;
  }

  /** Credits and positions: decimal strings. */
  amount(name: string): bigint {
    return BigInt(this.text(name));
  }

  /** An amount left out when it is zero. */
  amountOrZero(name: string): bigint {
    return this.has(name) ? this.amount(name) : 0n;
  }

  integer(name: string): number {
    const value = this.fields[name];
    if (!Number.isSafeInteger(value)) this.fail(name, 'an integer');
    return value as number;
  }

  integerOrZero(name: string): number {
    return this.has(name) ? this.integer(name) : 0;
  }

  flag(name: string): boolean {
    const value = this.fields[name];
    if (typeof value !== 'boolean') return this.fail(name, 'true or false');
    return value;
  }

  /** ISO 8601 UTC, as milliseconds since the epoch. */
  time(name: string): number {
    const value = Date.parse(this.text(name));
    if (Number.isNaN(value)) this.fail(name, 'a time');
    return value;
  }

  list(name: string): readonly FieldReader[] {
    const value = this.fields[name];
    if (!Array.isArray(value)) this.fail(name, 'a list');
    return (value as StoredFields[]).map((item) => new FieldReader(`${this.type}.${name}`, item));
  }

  has(name: string): boolean {
    return this.fields[name] !== undefined;
  }

  private fail(name: string, expected: string): never {
    throw new UnreadableEventError(`Stored event ${this.type}: field "${name}" must be ${expected}.`);
  }
}

export const timeText = (t: number): string => new Date(t).toISOString();
/** For a field left out when there is nothing to say: JSON drops `undefined`. */
export const amountText = (amount: bigint): string | undefined =>
  amount === 0n ? undefined : amount.toString();
export const countOrNone = (count: number): number | undefined => (count === 0 ? undefined : count);
