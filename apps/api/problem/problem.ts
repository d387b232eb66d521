import type { FieldError, Refusal } from '#libs/ledger/refusal.js';
import { PROBLEMS, type ProblemCode } from './codes.js';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';
const TYPE_PREFIX = 'urn:promptflow-ledger:problem:';

/** RFC 9457 problem document, with the stable `code` callers branch on. Amounts are strings. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly [extension: string]: unknown;
}

export type ProblemDetails = Readonly<Record<string, unknown>>;

export function problemOf(code: ProblemCode, detail?: string, details?: ProblemDetails): Problem {
  const { status, title } = PROBLEMS[code];
  return { type: `${TYPE_PREFIX}${code}`, title, status, code, detail: detail ?? `${title}.`, ...details };
}

/** Thrown by controllers to answer with a problem document; not a fault, so it carries no stack. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(code: ProblemCode, detail?: string, details?: ProblemDetails) {
    const { stackTraceLimit } = Error;
    // A refused request is an everyday answer: collecting its stack would cost more than the answer.
    Error.stackTraceLimit = 0;
    super(code);
    Error.stackTraceLimit = stackTraceLimit;
    this.problem = problemOf(code, detail, details);
  }

  static invalid(errors: readonly FieldError[]): ProblemError {
    return new ProblemError('request.invalid', describeErrors(errors), { errors });
  }
}

/** The problem document of a business refusal. */
export function problemOfRefusal(refusal: Refusal): Problem {
  switch (refusal.code) {
    case 'request.invalid':
      return problemOf(refusal.code, describeErrors(refusal.errors), { errors: refusal.errors });
    case 'wallet.insufficient_credits': {
      const needed = refusal.needed.toString();
      const available = refusal.available.toString();
      return problemOf(refusal.code, `${needed} credits are needed, ${available} are available.`, {
        needed,
        available,
      });
    }
    case 'model.unpriced':
      return problemOf(
        refusal.code,
        `The rate card in force has no price for ${refusal.model}; GET /api/models lists those it has.`,
        { model: refusal.model },
      );
    default:
      return problemOf(refusal.code);
  }
}

export function refusalError(refusal: Refusal): ProblemError {
  const { code, detail, type: _type, title: _title, status: _status, ...details } = problemOfRefusal(refusal);
  return new ProblemError(code, detail, details);
}

/** The first error in words; the rest is in `errors`. */
function describeErrors(errors: readonly FieldError[]): string {
  const [first, ...more] = errors;
  if (first === undefined) return 'The request is not valid.';
  return `${first.field}: ${first.message}${more.length === 0 ? '' : ` (and ${more.length} more, see errors)`}`;
}
