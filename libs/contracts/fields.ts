/** Reading the flat fields of a stored event; everything unexpected fails loudly, naming type and field. */

export type StoredFields = Readonly<Record<string, unknown>>;

/** A stored event that cannot be read: the log holds something this version of the code does not know. */
export class UnreadableEventError extends Error {
  override readonly name = 'UnreadableEventError';
}

/** Decimal digits without sign or leading zero: what `bigint.toString` writes of an amount that is not negative. */
const AMOUNT = /^(0|[1-9][0-9]*)$/;
/** What `Date.toISOString` writes; years beyond 9999 carry a sign and six digits. */
const TIME = /^([0-9]{4}|[+-][0-9]{6})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;

/** @throws UnreadableEventError when `value` is not a record of fields. */
export function recordOf(type: string, value: unknown): StoredFields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UnreadableEventError(`Stored event ${type}: must be a record of fields.`);
  }
  return value as StoredFields;
}

export class FieldReader {
  private constructor(
    private readonly type: string,
    private readonly fields: StoredFields,
  ) {}

  /** @throws UnreadableEventError when `value` is not a record of fields. */
  static of(type: string, value: unknown): FieldReader {
    return new FieldReader(type, recordOf(type, value));
  }

  text<T extends string = string>(name: string): T {
    const value = this.fields[name];
    if (typeof value !== 'string') this.fail(name, 'text');
    return value as T;
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T {
    const value = this.fields[name] as T;
    return values.includes(value) ? value : this.fail(name, `one of ${values.join(', ')}`);
  }

  /** Credits and positions: decimal strings. */
  amount(name: string): bigint {
    const value = this.fields[name];
    if (typeof value !== 'string' || !AMOUNT.test(value)) this.fail(name, 'an amount in decimal digits');
    return BigInt(value);
  }

  /** An amount left out when it is zero. */
  amountOrZero(name: string): bigint {
    return this.has(name) ? this.amount(name) : 0n;
  }

  /** A list of amounts, each as in `amount`. */
  amounts(name: string): readonly bigint[] {
    const value = this.fields[name];
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string' && AMOUNT.test(item))) {
      return this.fail(name, 'a list of amounts in decimal digits');
    }
    return (value as string[]).map(BigInt);
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
    const text = this.fields[name];
    const value = typeof text === 'string' && TIME.test(text) ? Date.parse(text) : NaN;
    if (Number.isNaN(value)) this.fail(name, 'a time as ISO 8601 UTC with milliseconds');
    return value;
  }

  list(name: string): readonly FieldReader[] {
    const value = this.fields[name];
    if (!Array.isArray(value) || value.some((item) => typeof item !== 'object' || item === null)) {
      this.fail(name, 'a list of records');
    }
    return (value as unknown[]).map((item) => FieldReader.of(`${this.type}.${name}`, item));
  }

  has(name: string): boolean {
    return this.fields[name] !== undefined;
  }

  private fail(name: string, expected: string): never {
    throw new UnreadableEventError(`Stored event ${this.type}: field "${name}" must be ${expected}.`);
  }
}

/** @throws UnreadableEventError when `text` is not JSON; `what` names it. */
export function parseStored(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnreadableEventError(`${what}: is not JSON.`, { cause: error });
  }
}

export const timeText = (t: number): string => new Date(t).toISOString();
/** For a field left out when there is nothing to say: JSON drops `undefined`. */
export const amountText = (amount: bigint): string | undefined =>
  amount === 0n ? undefined : amount.toString();
export const countOrNone = (count: number): number | undefined => (count === 0 ? undefined : count);
