import { CREDITS_EXPECTED, parseCredits } from '#libs/kernel/credits.js';
import { ID_EXPECTED, ID_PATTERN } from '#libs/kernel/ids.js';
import { TOKENS_MAX } from '#libs/ledger/pricing/tokens.js';
import { isIdempotencyKey, KEY_EXPECTED } from '../http/idempotency-key.js';
import { Field, type FieldPresence, type FieldText, type Rule } from './rule.js';

type Options = FieldText & FieldPresence;

const CREDITS_TEXT = '^(0|[1-9][0-9]{0,17})$';
const CREDITS_DIGITS_MAX = 18;
const ID_LENGTH_MAX = 128;
/** Models are named by providers, with slashes and colons too. */
const MODEL = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
const UTC_TIME = /^\d{4}-\d{2}-(\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;
const LIMIT = /^[1-9][0-9]{0,3}$/;
const LIMIT_MAX = 1_000;

/** Amount of credits: a string of decimal digits, or a safe JSON integer. */
export function CreditsField(options: Options & { readonly min?: 0 | 1; readonly rules?: readonly Rule[] }) {
  const { min = 0, rules = [], description, example } = options;
  const amount: Rule = {
    name: 'isCredits',
    message: `must be ${CREDITS_EXPECTED}`,
    test: (value) => parseCredits(value).ok,
  };
  const positive: Rule = { name: 'isPositive', message: 'must be 1 or more', test: isNotZero };
  return Field([amount, ...(min === 1 ? [positive] : []), ...rules], options, {
    description,
    example,
    oneOf: [
      { type: 'string', pattern: CREDITS_TEXT, maxLength: CREDITS_DIGITS_MAX },
      { type: 'integer', minimum: min, maximum: Number.MAX_SAFE_INTEGER },
    ],
  });
}

const isNotZero = (value: unknown): boolean => value !== 0 && value !== '0';

/** True when an amount field holds more than zero; false for anything that is no amount. */
export function isPositiveAmount(raw: unknown): boolean {
  const parsed = parseCredits(raw);
  return parsed.ok && parsed.value > 0n;
}

const matches =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value);

export function IdField(options: Options & { readonly rules?: readonly Rule[] }) {
  const id: Rule = { name: 'isLedgerId', message: `must be ${ID_EXPECTED}`, test: matches(ID_PATTERN) };
  return Field([id, ...(options.rules ?? [])], options, {
    type: 'string',
    pattern: ID_PATTERN.source,
    maxLength: ID_LENGTH_MAX,
    description: options.description,
    example: options.example,
  });
}

export function ModelField(options: Options) {
  const message = 'must be a model name: 1 to 128 characters of A-Z a-z 0-9 . _ : / -';
  return Field([{ name: 'isModelName', message, test: matches(MODEL) }], options, {
    type: 'string',
    pattern: MODEL.source,
    maxLength: ID_LENGTH_MAX,
    description: options.description,
    example: options.example,
  });
}

interface WholeOptions extends Options {
  readonly min: number;
  readonly max: number;
  readonly rules?: readonly Rule[];
}

/** JSON integer, never a string. */
export function WholeField({ min, max, rules = [], ...options }: WholeOptions) {
  const test = (value: unknown): boolean =>
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value >= min &&
    value <= max &&
    !Object.is(value, -0);
  const message = `must be a JSON integer from ${min} to ${max}`;
  return Field([{ name: 'isWhole', message, test }, ...rules], options, {
    type: 'integer',
    minimum: min,
    maximum: max,
    description: options.description,
    example: options.example,
  });
}

/** Count of tokens. */
export const TokensField = (options: Options & { readonly rules?: readonly Rule[] }) =>
  WholeField({ min: 0, max: TOKENS_MAX, ...options });

interface AmountsOptions extends FieldPresence {
  readonly description: string;
  readonly example: readonly string[];
  readonly itemsMax: number;
}

/** Array of amounts of credits, 1 or more each. */
export function AmountsField({ description, example, itemsMax, ...presence }: AmountsOptions) {
  const test = (value: unknown): boolean =>
    Array.isArray(value) && value.length <= itemsMax && value.every(isPositiveAmount);
  const message = `must be an array of at most ${itemsMax} amounts, 1 or more each: ${CREDITS_EXPECTED}`;
  return Field([{ name: 'isAmounts', message, test }], presence, {
    type: 'array',
    maxItems: itemsMax,
    items: {
      oneOf: [
        { type: 'string', pattern: CREDITS_TEXT, maxLength: CREDITS_DIGITS_MAX },
        { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
      ],
    },
    description,
    example: [...example],
  });
}

interface ObjectOptions extends FieldPresence {
  readonly description: string;
  readonly example: object;
  readonly rules?: readonly Rule[];
}

/** JSON object whose fields are judged elsewhere. */
export function ObjectField({ description, example, rules = [], ...presence }: ObjectOptions) {
  const test = (value: unknown): boolean =>
    value !== null && typeof value === 'object' && !Array.isArray(value);
  return Field([{ name: 'isObject', message: 'must be a JSON object', test }, ...rules], presence, {
    type: 'object',
    additionalProperties: true,
    description,
    example,
  });
}

export function FlagField(options: Options) {
  const message = 'must be true or false';
  return Field([{ name: 'isFlag', message, test: (value) => typeof value === 'boolean' }], options, {
    type: 'boolean',
    description: options.description,
    example: options.example,
  });
}

export function OneOfField(
  values: readonly string[],
  options: Options & { readonly rules?: readonly Rule[] },
) {
  const oneOf: Rule = {
    name: 'isOneOf',
    message: `must be one of ${values.join(', ')}`,
    test: (value) => typeof value === 'string' && values.includes(value),
  };
  return Field([oneOf, ...(options.rules ?? [])], options, {
    type: 'string',
    enum: [...values],
    description: options.description,
    example: options.example,
  });
}

interface WordsOptions extends FieldPresence {
  readonly description: string;
  readonly example: readonly string[];
}

/** Array of different words of a set, one at least. */
export function WordsField(words: readonly string[], { description, example, ...presence }: WordsOptions) {
  const test = (value: unknown): boolean =>
    Array.isArray(value) &&
    value.length > 0 &&
    new Set(value).size === value.length &&
    value.every((each) => words.includes(each as string));
  const message = `must be an array of one or more of ${words.join(', ')}, each once`;
  return Field([{ name: 'isWords', message, test }], presence, {
    type: 'array',
    minItems: 1,
    uniqueItems: true,
    items: { type: 'string', enum: [...words] },
    description,
    example: [...example],
  });
}

/** What no reader sees and many a program takes amiss; a line break and a tab are none of it. */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cs}\p{Bidi_Control}]/u;

interface ProseOptions extends Options {
  readonly max: number;
  /** False: one line. */
  readonly lines?: boolean;
}

/** Words for people. */
export function ProseField({ max, lines = false, description, example, ...presence }: ProseOptions) {
  const test = (value: unknown): boolean =>
    typeof value === 'string' &&
    value.trim().length > 0 &&
    value.length <= max &&
    !UNSEEN.test(value) &&
    (lines || !/[\n\t]/.test(value));
  const message = `must be 1 to ${max} characters${lines ? '' : ' in one line'}, none of them a control character`;
  return Field([{ name: 'isProse', message, test }], presence, {
    type: 'string',
    minLength: 1,
    maxLength: max,
    description,
    example,
  });
}

const lastTime: { text: string; time: number | undefined } = { text: '', time: undefined };

/** Milliseconds since the epoch of an ISO 8601 UTC time; undefined when the text is none or names no real day. */
export function parseUtcTime(raw: unknown): number | undefined {
  if (typeof raw !== 'string') return undefined;
  // A field is judged, compared and used: the same text comes three times in a row.
  if (raw !== lastTime.text) {
    lastTime.text = raw;
    lastTime.time = readUtcTime(raw);
  }
  return lastTime.time;
}

function readUtcTime(text: string): number | undefined {
  const match = UTC_TIME.exec(text);
  if (!match) return undefined;
  const time = Date.parse(text);
  // Date.parse takes 30 February for 2 March and 24:00 for the next day: a real time keeps its day.
  return new Date(time).getUTCDate() === Number(match[1]) ? time : undefined;
}

export function TimeField(options: Options & { readonly rules?: readonly Rule[] }) {
  const message = 'must be an ISO 8601 time in UTC, for example 2026-11-20T16:00:00Z';
  const test = (value: unknown): boolean => parseUtcTime(value) !== undefined;
  return Field([{ name: 'isUtcTime', message, test }, ...(options.rules ?? [])], options, {
    type: 'string',
    format: 'date-time',
    description: options.description,
    example: options.example,
  });
}

export function KeyField(options: Options) {
  const rule: Rule = { name: 'isKey', message: `must be ${KEY_EXPECTED}`, test: isIdempotencyKey };
  return Field([rule], options, {
    type: 'string',
    minLength: 1,
    maxLength: 255,
    description: options.description,
    example: options.example,
  });
}

/** Query parameter: how many items a page holds. */
export function LimitField(options: Options) {
  const message = `must be a whole number from 1 to ${LIMIT_MAX}`;
  const test = (value: unknown): boolean => matches(LIMIT)(value) && Number(value) <= LIMIT_MAX;
  return Field([{ name: 'isLimit', message, test }], options, {
    type: 'integer',
    minimum: 1,
    maximum: LIMIT_MAX,
    default: 50,
    description: options.description,
    example: options.example,
  });
}

const TOKEN_TEXT_MAX = 1_024;

/** Opaque text of ours that comes back: a position, a cursor or a quote. Its meaning is checked where it is used. */
export function OpaqueField(options: Options & { readonly rules?: readonly Rule[] }) {
  const message = 'must be given once, as this server handed it out';
  const test = (value: unknown): boolean =>
    typeof value === 'string' && value.length > 0 && value.length <= TOKEN_TEXT_MAX;
  return Field([{ name: 'isOpaque', message, test }, ...(options.rules ?? [])], options, {
    type: 'string',
    maxLength: TOKEN_TEXT_MAX,
    description: options.description,
    example: options.example,
  });
}
