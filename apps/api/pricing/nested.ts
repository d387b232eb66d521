import type { BodyFields, BodyValue } from '#libs/application/body-hash.js';
import { CREDITS_EXPECTED, parseCredits } from '#libs/kernel/credits.js';
import type { FieldError } from '#libs/ledger/refusal.js';
import type { RawObject } from '../validation/rule.js';

/** More than a person reads, fewer than a hostile body could ask for. */
const ERRORS_MAX = 20;
const NAME_SHOWN_MAX = 128;
const NOTHING: RawObject = {};

/**
 * Reads records and lists inside of a body, which compiled DTOs do not know. What is wrong is noted by its path, such
 * as `models[3].input`; what is read there instead is of no use, so ask for `errors` first.
 */
export class NestedReader {
  private readonly noted: FieldError[] = [];

  get errors(): readonly FieldError[] {
    return this.noted;
  }

  /** A JSON object with these fields and no others. */
  record(path: string, raw: unknown, fields: readonly string[]): RawObject {
    if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) {
      this.note(path, 'must be a JSON object');
      return NOTHING;
    }
    for (const name of Object.keys(raw)) {
      if (!fields.includes(name))
        this.note(`${path}.${name.slice(0, NAME_SHOWN_MAX)}`, `is not one of ${fields.join(', ')}`);
    }
    return raw as RawObject;
  }

  list<T>(path: string, raw: unknown, read: (item: unknown, path: string) => T): readonly T[] {
    if (Array.isArray(raw)) return raw.map((item, i) => read(item, `${path}[${i}]`));
    this.note(path, 'must be a JSON array');
    return [];
  }

  text(path: string, raw: unknown): string {
    if (typeof raw === 'string') return raw;
    this.note(path, 'must be text');
    return '';
  }

  amount(path: string, raw: unknown): bigint {
    const parsed = parseCredits(raw);
    if (parsed.ok) return parsed.value;
    this.note(path, `must be ${CREDITS_EXPECTED}`);
    return 0n;
  }

  /** A JSON integer that is not negative. */
  count(path: string, raw: unknown): number {
    if (typeof raw === 'number' && Number.isSafeInteger(raw) && raw >= 0 && !Object.is(raw, -0)) return raw;
    this.note(path, 'must be a JSON integer, 0 or more');
    return 0;
  }

  flag(path: string, raw: unknown): boolean {
    if (typeof raw === 'boolean') return raw;
    this.note(path, 'must be true or false');
    return false;
  }

  oneOf<T extends string>(path: string, raw: unknown, values: readonly T[]): T {
    const found = values.find((value) => value === raw);
    if (found === undefined) this.note(path, `must be one of ${values.join(', ')}`);
    return found ?? values[0]!;
  }

  note(field: string, message: string): void {
    if (this.noted.length < ERRORS_MAX) this.noted.push({ field, message });
  }
}

/** A body for hashing: the amounts under these names count by value, wherever they stand. */
export function byValue(raw: unknown, amounts: ReadonlySet<string>): BodyFields {
  return valueOf(raw, amounts) as BodyFields;
}

function valueOf(raw: unknown, amounts: ReadonlySet<string>): BodyValue {
  if (raw === null || typeof raw !== 'object') return raw as BodyValue;
  if (Array.isArray(raw)) return raw.map((item) => valueOf(item, amounts));
  const fields: Record<string, BodyValue> = {};
  for (const [name, value] of Object.entries(raw)) {
    const parsed = amounts.has(name) ? parseCredits(value) : undefined;
    fields[name] = parsed?.ok ? parsed.value : valueOf(value, amounts);
  }
  return fields;
}
