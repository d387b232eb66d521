import { TOKENS_MAX } from '../pricing/tokens.js';
import type { FieldError } from '../refusal.js';

type Raw = Readonly<Record<string, unknown>>;

/** More than a person reads, fewer than a hostile body could ask for. */
const ERRORS_MAX = 20;
const COUNT_EXPECTED = `must be a JSON integer from 0 to ${TOKENS_MAX}, or null where the provider counts nothing`;

const isCount = (value: unknown): value is number =>
  typeof value === 'number' &&
  Number.isInteger(value) &&
  value >= 0 &&
  value <= TOKENS_MAX &&
  !Object.is(value, -0);

const isObject = (value: unknown): value is Raw =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** A count with the place it was read from, for messages. */
export interface Count {
  readonly path: string;
  readonly value: number;
}

/** A count that contains others. */
export interface Whole {
  readonly name: string;
  readonly value: number;
}

/** What is wrong, the first thing of each field. */
export class Problems {
  private readonly malformed = new Map<string, string>();
  private readonly incoherent = new Map<string, string>();

  noteForm(field: string, message: string): void {
    note(this.malformed, field, message);
  }

  noteSum(field: string, message: string): void {
    note(this.incoherent, field, message);
  }

  /** A count that is none says nothing about sums: while there is one, only the form is reported. */
  list(): readonly FieldError[] {
    const found = this.malformed.size > 0 ? this.malformed : this.incoherent;
    return [...found].map(([field, message]) => ({ field, message }));
  }
}

function note(found: Map<string, string>, field: string, message: string): void {
  if (!found.has(field) && found.size < ERRORS_MAX) found.set(field, message);
}

/**
 * Reads counts of tokens out of one JSON object and notes what is wrong under its full name, such as
 * `usage.prompt_tokens_details.cached_tokens`. A missing field and `null` both say that nothing was counted.
 */
export class UsageFields {
  private constructor(
    readonly path: string,
    private readonly raw: Raw,
    private readonly problems: Problems,
  ) {}

  /** Undefined when the value is no JSON object; then the problem is noted. */
  static of(path: string, raw: unknown, problems: Problems): UsageFields | undefined {
    if (isObject(raw)) return new UsageFields(path, raw, problems);
    problems.noteForm(path, 'must be a JSON object');
    return undefined;
  }

  has(name: string): boolean {
    return this.raw[name] !== undefined && this.raw[name] !== null;
  }

  /** Undefined when nothing was counted, and when the value is no count; then the problem is noted. */
  count(name: string): Count | undefined {
    if (!this.has(name)) return undefined;
    const value = this.raw[name];
    const path = `${this.path}.${name}`;
    if (isCount(value)) return { path, value };
    this.problems.noteForm(path, COUNT_EXPECTED);
    return undefined;
  }

  /** The count, 0 when there is none. */
  value(name: string): number {
    return this.count(name)?.value ?? 0;
  }

  /** The object inside, or an empty one when there is none: its counts are all absent then. */
  inside(name: string): UsageFields {
    const path = `${this.path}.${name}`;
    const found = this.has(name) ? UsageFields.of(path, this.raw[name], this.problems) : undefined;
    return found ?? new UsageFields(path, {}, this.problems);
  }

  /** The objects of a list inside; none when there is no list. */
  list(name: string): readonly UsageFields[] {
    if (!this.has(name)) return [];
    const items = this.raw[name];
    if (!Array.isArray(items)) {
      this.problems.noteForm(`${this.path}.${name}`, 'must be a JSON array');
      return [];
    }
    return items.flatMap((item, index) => {
      const found = UsageFields.of(`${this.path}.${name}[${index}]`, item, this.problems);
      return found === undefined ? [] : [found];
    });
  }

  text(name: string): string | undefined {
    const value = this.raw[name];
    return typeof value === 'string' ? value : undefined;
  }

  requireCount(name: string, why: string): void {
    if (!this.has(name)) this.problems.noteForm(`${this.path}.${name}`, `must be there: ${why}`);
  }

  /** Notes that a field of this object contradicts the others. */
  refuse(name: string, message: string): void {
    this.note(`${this.path}.${name}`, message);
  }

  note(field: string, message: string): void {
    this.problems.noteSum(field, message);
  }

  /** Notes the counts that lie above the one that contains each of them. */
  within(parts: readonly (Count | undefined)[], whole: Whole): void {
    for (const part of parts) {
      if (part !== undefined && part.value > whole.value) {
        this.note(part.path, `must not be more than ${whole.name} (${whole.value}), which contains it`);
      }
    }
  }

  /** The one value that all given counts have: a second opinion would charge a cached token twice, or never. */
  agreed(counts: readonly (Count | undefined)[]): Count | undefined {
    const given = counts.filter((count) => count !== undefined);
    const [first] = given;
    for (const other of given) {
      if (other.value !== first!.value)
        this.note(other.path, `must be ${first!.value}, as ${first!.path} says`);
    }
    return first;
  }
}
