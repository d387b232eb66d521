import type { RefusalCode } from '#libs/ledger/refusal.js';

/** What the HTTP edge itself refuses, or cannot say; business refusals have codes of their own. */
type EdgeCode =
  | 'approval.not_found'
  | 'auth.forbidden'
  | 'auth.missing'
  | 'bulk.not_applied'
  | 'campaign.not_found'
  | 'delivery.not_found'
  | 'internal.error'
  | 'key.not_found'
  | 'notification.not_found'
  | 'outcome.unknown'
  | 'rate.limited'
  | 'read.not_caught_up'
  | 'request.media_type'
  | 'request.too_large'
  | 'route.not_found'
  | 'service.catching_up'
  | 'service.overloaded'
  | 'webhook.not_found';

/** Every code a caller can meet. */
export type ProblemCode = RefusalCode | EdgeCode;

interface ProblemKind {
  readonly status: number;
  /** Short, the same for every occurrence. */
  readonly title: string;
}

const kind = (status: number, title: string): ProblemKind => ({ status, title });

/** The one table from code to HTTP status (domain rules, section 6, "Status by refusal"). */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemKind>> = {
  'approval.not_found': kind(404, 'There is no such approval'),
  'auth.forbidden': kind(403, 'The caller may not use this route'),
  'auth.missing': kind(401, 'The request needs a valid key or token'),
  'bulk.not_applied': kind(409, 'Another charge of the same wallet was refused, so none of them was applied'),
  'campaign.not_found': kind(404, 'There is no such campaign'),
  'creator.not_found': kind(404, 'The creator has no earnings'),
  'delivery.not_found': kind(404, 'The user has no such delivery'),
  'flow.already_unlocked': kind(409, 'The user has unlocked this flow before'),
  'flow.not_unlocked': kind(409, 'The user has not unlocked this flow, or it was refunded before'),
  'flow.own_flow': kind(409, 'A creator does not unlock their own flow'),
  'hold.closed': kind(409, 'The hold is settled or released'),
  'hold.expired': kind(409, 'The hold ended too long ago to be settled'),
  'hold.id_used': kind(409, 'This hold id was used before'),
  'hold.not_found': kind(404, 'The wallet has no such hold'),
  'internal.error': kind(500, 'Something went wrong on our side'),
  'key.not_found': kind(404, 'There is no such key'),
  'model.unpriced': kind(422, 'The rate card has no price for this model'),
  'notification.not_found': kind(404, 'The user has no such notification'),
  'outcome.unknown': kind(
    503,
    'The command may or may not have taken effect; the same key is safe to send again',
  ),
  'payment.already_credited': kind(409, 'This payment was credited before'),
  'payout.below_minimum': kind(409, 'What is payable is less than the smallest payout'),
  'payout.no_destination': kind(409, 'The creator has no verified payout destination'),
  'payout.not_found': kind(404, 'The creator has no such payout'),
  'payout.nothing_payable': kind(409, 'Nothing of what the creator earned is payable'),
  'plan.byok_not_included': kind(409, "The plan does not include runs on the user's own provider key"),
  'plan.change_not_scheduled': kind(409, 'No change of plan is scheduled'),
  'plan.model_not_included': kind(409, 'The plan does not include this model'),
  'plan.not_paid': kind(409, 'No payment covers this plan'),
  'plan.private_prompts_exhausted': kind(409, 'The plan allows no more private prompts'),
  'plan.storage_exhausted': kind(409, 'The storage of the plan is used up'),
  'plan.test_runs_exhausted': kind(409, 'The test runs of this month are used up'),
  'prompt.already_exists': kind(409, 'The user has a prompt with this id'),
  'prompt.not_found': kind(404, 'The user has no such prompt'),
  'quote.expired': kind(409, 'The quote has expired; ask for a new one'),
  'rate.limited': kind(429, 'Too many requests; slow down'),
  'ratecard.not_found': kind(404, 'There is no such rate card'),
  'read.not_caught_up': kind(503, 'The read model has not reached minPosition yet'),
  'refund.exceeds_charge': kind(409, 'The refund is more than what is left of the charge'),
  'refund.id_used': kind(409, 'This refund id was used before'),
  'request.id_reused': kind(422, 'This idempotency key was used with another body'),
  'request.invalid': kind(400, 'The request is not valid'),
  'request.media_type': kind(415, 'The body must be application/json in UTF-8'),
  'request.too_large': kind(413, 'The request is too large'),
  'route.not_found': kind(404, 'There is no such route'),
  'run.already_charged': kind(409, 'This run was charged before'),
  'run.not_found': kind(404, 'The wallet has no such run'),
  'service.catching_up': kind(
    503,
    'What was done before is still being read; nothing was written, try again',
  ),
  'service.overloaded': kind(503, 'Nothing was written; try again shortly'),
  'wallet.already_open': kind(409, 'The user has a wallet'),
  'wallet.closed': kind(409, 'The wallet is closed'),
  'wallet.frozen': kind(409, 'The wallet is frozen'),
  'wallet.insufficient_credits': kind(402, 'The wallet does not hold enough credits'),
  'wallet.not_found': kind(404, 'The user has no wallet'),
  'wallet.open_holds': kind(409, 'The wallet has open holds; release or settle them first'),
  'webhook.not_found': kind(404, 'The user has no such webhook'),
};

/** Seconds a caller should wait before it tries again, for codes that pass by themselves. */
export const RETRY_AFTER_SECONDS: Partial<Readonly<Record<ProblemCode, number>>> = {
  'outcome.unknown': 1,
  'rate.limited': 1,
  'read.not_caught_up': 1,
  'service.catching_up': 1,
  'service.overloaded': 1,
};
