import { type BodyFields, type BodyValue, hashBody } from '#libs/application/body-hash.js';
import type { Envelope } from '#libs/application/envelope.js';
import { type Credits, parseCredits } from '#libs/kernel/credits.js';
import { ID_EXPECTED, ID_PATTERN } from '#libs/kernel/ids.js';
import { err, ok, type Result } from '#libs/kernel/result.js';
import type { FieldError } from '#libs/ledger/refusal.js';
import type { TokenCounts } from '#libs/ledger/pricing/tokens.js';
import { tokensOfUsage } from '#libs/ledger/usage/read-usage.js';
import type { QuotedTerms } from '#libs/ledger/wallet/commands.js';
import { LOCAL_PRINCIPAL } from '../deps.js';
import { compileValidator, type Validator } from '../validation/compile.js';

/** An amount as JSON carries it. */
export type RawCredits = string | number;

export type Errors = readonly FieldError[];
export const NO_ERRORS: Errors = [];

/** What validation asks besides the shape: configuration and the clock. */
export interface EdgeLimits {
  readonly creatorFeeMax: Credits;
  /** Milliseconds since the epoch, read once for the request. */
  readonly now: number;
  /** Whether the caller may let a paid plan run without a payment (scope `plans:grant`). */
  readonly mayGrant: boolean;
  /** The terms that a quote of ours promised to the user; else what was expected. */
  readonly quoteOf: (quoteId: string, userId: string) => Result<QuotedTerms, string>;
}

/** The parts of a request that say what is commanded. */
export interface RequestParts {
  readonly body: unknown;
  readonly params?: unknown;
  readonly query?: unknown;
}

/** A request that was read: the command, and the hash that recognises the same request under the same key. */
export interface ReadCommand<C> {
  readonly command: C;
  readonly bodyHash: string;
}

export type CommandReader<C> = (request: RequestParts, limits: EdgeLimits) => Result<ReadCommand<C>, Errors>;

/** How a command is read from its request. */
export interface ReaderSpec<D extends object, P extends string, C extends { readonly type: string }> {
  /** DTO of the fields. */
  readonly fields: new () => D;
  /** Where they are. Default: the body. */
  readonly from?: 'body' | 'query';
  /** No body at all means one without fields. */
  readonly bodyOptional?: boolean;
  /** Path parameters; each is an id. */
  readonly path?: readonly P[];
  /** Fields that hold amounts of credits, or arrays of them: the body's hash takes them by value. */
  readonly credits?: readonly (keyof D & string)[];
  /** What depends on configuration, clock or several fields at once. */
  readonly judge?: (raw: Partial<D>, limits: EdgeLimits) => Errors;
  readonly command: (dto: D, path: Readonly<Record<P, string>>, limits: EdgeLimits) => C;
}

/** Reader of one kind of command; all that is wrong with a request is reported together. */
export function commandReader<D extends object, P extends string, C extends { readonly type: string }>(
  spec: ReaderSpec<D, P, C>,
): CommandReader<C> {
  const { from = 'body', path = [], judge, credits = [] } = spec;
  const validate = compileValidator(spec.fields);
  return (request, limits) => {
    const sentFields = request[from];
    const fields = sentFields === undefined && spec.bodyOptional ? {} : sentFields;
    const checked =
      judge === undefined ? validate(fields) : withLimits(validate, fields, (raw) => judge(raw, limits));
    const stray = strayErrors(request, from);
    const elsewhere = path.length === 0 ? stray : [...pathErrors(request.params, path), ...stray];
    if (!checked.ok) return elsewhere.length === 0 ? checked : err([...elsewhere, ...checked.error]);
    if (elsewhere.length > 0) return err(elsewhere);
    const ids = request.params as Readonly<Record<P, string>>;
    const command = spec.command(checked.value, ids, limits);
    const sent = hashedFields(checked.value, credits);
    return ok({
      command,
      bodyHash: hashBody(command.type, path.length === 0 ? sent : { ...ids, ...sent }),
    });
  };
}

function pathErrors(params: unknown, path: readonly string[]): Errors {
  const given = params as Readonly<Record<string, unknown>>;
  return path.flatMap((field) => {
    const raw = given[field];
    return typeof raw === 'string' && ID_PATTERN.test(raw)
      ? []
      : [{ field, message: `must be ${ID_EXPECTED}` }];
  });
}

/** What was sent where this route takes nothing. */
function strayErrors({ body, query }: RequestParts, from: 'body' | 'query'): Errors {
  if (from === 'query') {
    return body === undefined
      ? NO_ERRORS
      : [{ field: 'body', message: 'must be absent: this route takes none' }];
  }
  for (const name in query as object) {
    return [{ field: name.slice(0, 128), message: 'is not a query parameter of this route' }];
  }
  return NO_ERRORS;
}

/** A validated DTO's own fields, as they were sent, amounts by value. */
export function hashedFields<D extends object>(dto: D, credits: readonly (keyof D & string)[]): BodyFields {
  let parsed: Record<string, BodyValue> | undefined;
  for (const field of credits) {
    const raw: unknown = dto[field];
    if (raw !== undefined) (parsed ??= {})[field] = Array.isArray(raw) ? raw.map(creditsOf) : creditsOf(raw);
  }
  // Most runs have no amount in them: their fields are hashed as they are.
  return parsed === undefined ? (dto as BodyFields) : { ...(dto as BodyFields), ...parsed };
}

export const envelopeOf = (key: string, bodyHash: string): Envelope => ({
  principal: LOCAL_PRINCIPAL,
  key,
  bodyHash,
});

/** Adds to a validator what depends on configuration and clock, so that all of a body's errors come together. */
export function withLimits<T>(
  validate: Validator<T>,
  body: unknown,
  judge: (dto: Partial<T>) => Errors,
): Result<T, Errors> {
  const checked = validate(body);
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return checked;
  const more = judge(body);
  if (more.length === 0) return checked;
  if (checked.ok) return err(more);
  const known = new Set(checked.error.map(({ field }) => field));
  return err([...checked.error, ...more.filter(({ field }) => !known.has(field))]);
}

/** Creator fees and unlock prices have one ceiling (domain rules, section 2). */
export function feeErrors(
  field: string,
  raw: unknown,
  { creatorFeeMax }: Pick<EdgeLimits, 'creatorFeeMax'>,
): Errors {
  const fee = raw === undefined ? undefined : parseCredits(raw);
  return fee?.ok && fee.value > creatorFeeMax
    ? [{ field, message: `must be at most ${creatorFeeMax} credits` }]
    : NO_ERRORS;
}

/** @throws when the field was not validated before: a mistake of ours. */
export function creditsOf(raw: unknown): Credits {
  const parsed = parseCredits(raw);
  if (!parsed.ok) throw new Error(`Not validated: ${parsed.error}`);
  return parsed.value;
}

type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without the fields that are undefined: a command says nothing about what was not sent. */
export const given = <const T extends object>(fields: T): Given<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;

/** Tokens of a run as they are sent. */
interface TokenFields extends Partial<TokenCounts> {
  readonly usage?: unknown;
}

/** The four disjoint buckets, given as such or as the provider's own usage object. */
export function tokensOf(dto: TokenFields): TokenCounts {
  if (dto.usage !== undefined) return tokensOfUsage(dto.usage);
  return {
    inputTokens: dto.inputTokens ?? 0,
    outputTokens: dto.outputTokens ?? 0,
    cachedInputTokens: dto.cachedInputTokens ?? 0,
    cacheWriteTokens: dto.cacheWriteTokens ?? 0,
  };
}
