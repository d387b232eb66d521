/** A value that cannot be used: `expected` completes the sentence "expected ...". */
export class Unusable extends Error {
  constructor(readonly expected: string) {
    super(expected);
  }
}

export interface Variable<T> {
  /** In words, for the reference. */
  readonly type: string;
  /** As it would be written in the environment; absent when there is none. */
  readonly default?: string;
  readonly description: string;
  readonly example: string;
  /** May be given as `NAME_FILE`, and its value is never shown. */
  readonly secret?: boolean;
  /** @throws Unusable */
  readonly parse: (raw: string) => T;
}

export type Variables = Record<string, Variable<unknown>>;

/** What the variables of a table give, by name. */
export type ValuesOf<Table extends Variables> = {
  readonly [Name in keyof Table]: ReturnType<Table[Name]['parse']> | DefaultOf<Table[Name]>;
};
type DefaultOf<V> = V extends { readonly default: string } ? never : undefined;

export const PORT_MAX = 65_535;

export function port(raw: string): number {
  const value = Number(raw);
  if (!/^\d{1,5}$/.test(raw) || value > PORT_MAX) throw new Unusable(`a whole number from 0 to ${PORT_MAX}`);
  return value;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export function wholeNumber({ min, max }: Bounds): (raw: string) => number {
  return (raw) => {
    const value = Number(raw);
    if (!/^\d{1,15}$/.test(raw) || value < min || value > max) {
      throw new Unusable(`a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

export function oneOf<const T extends string>(values: readonly T[]): (raw: string) => T {
  return (raw) => {
    const value = values.find((each) => each === raw);
    if (value === undefined) throw new Unusable(`one of ${values.join(', ')}`);
    return value;
  };
}

/** Entries separated by commas, without repetition, each of which must match. */
export function listOf(entry: RegExp, expected: string): (raw: string) => readonly string[] {
  return (raw) => {
    const entries = raw.split(',').map((each) => each.trim());
    if (entries.some((each) => !entry.test(each)) || new Set(entries).size !== entries.length) {
      throw new Unusable(expected);
    }
    return entries;
  };
}

export function url(protocols: readonly string[], expected: string): (raw: string) => string {
  return (raw) => {
    if (!URL.canParse(raw) || !protocols.includes(new URL(raw).protocol)) throw new Unusable(expected);
    return raw;
  };
}

export function text({
  min,
  expected,
}: {
  readonly min: number;
  readonly expected: string;
}): (raw: string) => string {
  return (raw) => {
    if (raw.length < min) throw new Unusable(expected);
    return raw;
  };
}
