import type { RefusalCode } from '#libs/ledger/refusal.js';

/** Every code a caller can meet: business refusals, and what the HTTP edge itself refuses. */
export type ProblemCode =
  | RefusalCode
  | 'creator.not_found'
  | 'internal.error'
  | 'outcome.unknown'
  | 'read.not_caught_up'
  | 'request.media_type'
  | 'request.too_large'
  | 'route.not_found'
  | 'service.overloaded';

interface ProblemKind {
  readonly status: number;
  /** Short, the same for every occurrence. */
  readonly title: string;
}

/** The one table from code to HTTP status (domain rules, section 6, "Status by refusal"). */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemKind>> = {
  'creator.not_found': { status: 404, title: 'The creator has no earnings' },
  'flow.already_unlocked': { status: 409, title: 'The user has unlocked this flow before' },
  'flow.own_flow': { status: 409, title: 'A creator does not unlock their own flow' },
  'internal.error': { status: 500, title: 'Something went wrong on our side' },
  'model.unpriced': { status: 422, title: 'The rate card has no price for this model' },
  'outcome.unknown': {
    status: 503,
    title: 'The command may or may not have taken effect; the same key is safe to send again',
  },
  'payment.already_credited': { status: 409, title: 'This payment was credited before' },
  'read.not_caught_up': { status: 503, title: 'The read model has not reached minPosition yet' },
  'request.id_reused': { status: 422, title: 'This idempotency key was used with another body' },
  'request.invalid': { status: 400, title: 'The request is not valid' },
  'request.media_type': { status: 415, title: 'The body must be application/json in UTF-8' },
  'request.too_large': { status: 413, title: 'The request is too large' },
  'route.not_found': { status: 404, title: 'There is no such route' },
  'run.already_charged': { status: 409, title: 'This run was charged before' },
  'service.overloaded': { status: 503, title: 'Nothing was written; try again shortly' },
  'wallet.already_open': { status: 409, title: 'The user has a wallet' },
  'wallet.insufficient_credits': { status: 402, title: 'The wallet does not hold enough credits' },
  'wallet.not_found': { status: 404, title: 'The user has no wallet' },
};

/** Seconds a caller should wait before it tries again, for codes that pass by themselves. */
export const RETRY_AFTER_SECONDS: Partial<Readonly<Record<ProblemCode, number>>> = {
  'outcome.unknown': 1,
  'read.not_caught_up': 1,
  'service.overloaded': 1,
};
