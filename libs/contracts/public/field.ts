/**
 * One field of a public event: its JSON Schema and, for the compiler, what it carries. Events are described once, in
 * these; types, schemas, golden files and documents all follow from them.
 */

/** JSON Schema 2020-12, the part of it that public events use. */
export interface FieldSchema {
  readonly type: 'string' | 'integer' | 'boolean' | 'object';
  readonly description: string;
  readonly pattern?: string;
  readonly format?: 'date-time';
  readonly minimum?: number;
  /** These words and never others. */
  readonly enum?: readonly string[];
  /** The words of today; later versions of the same type may bring others. */
  readonly 'x-extensible-enum'?: readonly string[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
}

declare const CARRIES: unique symbol;

export interface Field<T, Optional extends boolean = false> {
  readonly schema: FieldSchema;
  readonly isOptional: Optional;
  /** For the compiler alone. */
  readonly [CARRIES]?: T;
}

export type Fields = Readonly<Record<string, Field<unknown, boolean>>>;

type Carried<F> = F extends Field<infer T, boolean> ? T : never;
type Flat<T> = { [K in keyof T]: T[K] };

/** What a record of these fields is in TypeScript. */
export type DataOf<F extends Fields> = Flat<
  { readonly [K in keyof F as F[K]['isOptional'] extends true ? never : K]: Carried<F[K]> } & {
    readonly [K in keyof F as F[K]['isOptional'] extends true ? K : never]?: Carried<F[K]>;
  }
>;

const AMOUNT = '^(0|[1-9][0-9]*)$';

const field = <T>(schema: FieldSchema): Field<T> => ({ schema, isOptional: false });

/** Ids, codes and names. */
export const text = (description: string): Field<string> => field({ type: 'string', description });

/** Credits as decimal digits: 1,000,000 are $1.00, and no JSON number holds them all. */
export const credits = (description: string): Field<string> =>
  field({ type: 'string', pattern: AMOUNT, description });

/** ISO 8601 UTC. */
export const time = (description: string): Field<string> =>
  field({ type: 'string', format: 'date-time', description });

export const count = (description: string): Field<number> =>
  field({ type: 'integer', minimum: 0, description });

export const flag = (description: string): Field<boolean> => field({ type: 'boolean', description });

/** A word of a set that may grow: consumers take one that they do not know for "something else". */
export const openWord = (words: readonly string[], description: string): Field<string> =>
  field({ type: 'string', 'x-extensible-enum': words, description });

/** A word of a set that stays as it is for as long as this version of the event is written. */
export const closedWord = <W extends string>(words: readonly W[], description: string): Field<W> =>
  field({ type: 'string', enum: words, description });

export const record = <F extends Fields>(description: string, fields: F): Field<DataOf<F>> =>
  field({ type: 'object', description, ...objectKeywords(fields) });

export const optional = <T>({ schema }: Field<T>): Field<T, true> => ({ schema, isOptional: true });

/** The keywords of a schema whose instances have these fields; others are let pass, so that fields can be added. */
export function objectKeywords(
  fields: Fields,
): Readonly<Required<Pick<FieldSchema, 'properties' | 'required'>>> {
  const entries = Object.entries(fields);
  return {
    properties: Object.fromEntries(entries.map(([name, { schema }]) => [name, schema])),
    required: entries.filter(([, { isOptional }]) => !isOptional).map(([name]) => name),
  };
}
