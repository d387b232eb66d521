import { err, ok, type Result } from './result.js';

declare const brand: unique symbol;
export type Id<Name extends string> = string & { readonly [brand]: Name };

/** Form of every id (domain rules, section 1): compared bytewise, safe in stream names, URLs and CSV. */
export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
export const ID_EXPECTED = '1 to 128 characters of A-Z a-z 0-9 . _ - beginning with a letter or digit';

interface IdType<Name extends string> {
  /** Refuses with what was expected; the caller adds the field's name. */
  parse(raw: unknown): Result<Id<Name>, string>;
  /** For values that were parsed before (stored events, constants). @throws when they were not. */
  of(raw: string): Id<Name>;
}

function idType<Name extends string>(name: Name): IdType<Name> {
  const parse = (raw: unknown): Result<Id<Name>, string> =>
    typeof raw === 'string' && ID_PATTERN.test(raw) ? ok(raw as Id<Name>) : err(`must be ${ID_EXPECTED}`);
  return {
    parse,
    of(raw) {
      const parsed = parse(raw);
      if (!parsed.ok) throw new Error(`${name} ${JSON.stringify(raw)} ${parsed.error}`);
      return parsed.value;
    },
  };
}

export type UserId = Id<'UserId'>;
export const UserId = idType('UserId');
/** A creator id is a user id. */
export type CreatorId = UserId;
export const CreatorId = UserId;
export type RunId = Id<'RunId'>;
export const RunId = idType('RunId');
export type PromptId = Id<'PromptId'>;
export const PromptId = idType('PromptId');
export type FlowId = Id<'FlowId'>;
export const FlowId = idType('FlowId');
export type PaymentId = Id<'PaymentId'>;
export const PaymentId = idType('PaymentId');
export type HoldId = Id<'HoldId'>;
export const HoldId = idType('HoldId');
export type RefundId = Id<'RefundId'>;
export const RefundId = idType('RefundId');
export type PayoutId = Id<'PayoutId'>;
export const PayoutId = idType('PayoutId');
