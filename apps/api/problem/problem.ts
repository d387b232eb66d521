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

/** The problem document of a business refusal; its figures are members, amounts as strings. */
export function problemOfRefusal(refusal: Refusal): Problem {
  if (refusal.code === 'request.invalid') {
    return problemOf(refusal.code, describeErrors(refusal.errors), { errors: refusal.errors });
  }
  const { detail, ...figures } = figuresOf(refusal);
  return problemOf(refusal.code, detail, figures);
}

interface Figures {
  readonly detail?: string;
  readonly [name: string]: string | number | undefined;
}

const NO_FIGURES: Figures = {};

function figuresOf(refusal: Exclude<Refusal, { readonly code: 'request.invalid' }>): Figures {
  switch (refusal.code) {
    case 'wallet.insufficient_credits': {
      const [needed, available] = [`${refusal.needed}`, `${refusal.available}`];
      return { needed, available, detail: `${needed} credits are needed, ${available} are available.` };
    }
    case 'model.unpriced': {
      const { model } = refusal;
      const detail = `The rate card in force has no price for ${model}; GET /api/models lists those it has.`;
      return { model, detail };
    }
    case 'plan.model_not_included': {
      const { model } = refusal;
      return { model, detail: `The plan does not include ${model}; GET /api/plans says which plan does.` };
    }
    case 'refund.exceeds_charge': {
      const remaining = `${refusal.remaining}`;
      return { remaining, detail: `${remaining} credits of the charge are left to refund.` };
    }
    case 'payout.below_minimum': {
      const [minimum, payable] = [`${refusal.minimum}`, `${refusal.payable}`];
      return { minimum, payable, detail: `${payable} credits are payable, ${minimum} are the least.` };
    }
    case 'payout.nothing_payable': {
      const payable = `${refusal.payable}`;
      return { payable, detail: `${payable} credits are payable.` };
    }
    default:
      return NO_FIGURES;
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
