import type { Credits } from '#libs/kernel/credits.js';

/** One field that was refused: which, and what was expected. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** Refusals that say no more than their code. */
export const BARE_REFUSALS = [
  'request.id_reused',
  'wallet.not_found',
  'wallet.already_open',
  'wallet.closed',
  'wallet.frozen',
  'wallet.open_holds',
  'hold.not_found',
  'hold.id_used',
  'hold.closed',
  'hold.expired',
  'run.not_found',
  'refund.id_used',
  'quote.expired',
  'plan.not_paid',
  'plan.change_not_scheduled',
  'plan.byok_not_included',
  'plan.test_runs_exhausted',
  'plan.private_prompts_exhausted',
  'plan.storage_exhausted',
  'prompt.not_found',
  'prompt.already_exists',
  'flow.already_unlocked',
  'flow.not_unlocked',
  'flow.own_flow',
  'payment.already_credited',
  'creator.not_found',
  'payout.no_destination',
  'payout.not_found',
  'ratecard.not_found',
] as const;

/**
 * A business refusal: a value, never an exception. Codes are stable and part of the public interface
 * (domain rules, section 4); the order in which they are checked is fixed by the deciders.
 */
export type Refusal =
  | { readonly code: (typeof BARE_REFUSALS)[number] }
  | { readonly code: 'request.invalid'; readonly errors: readonly FieldError[] }
  | { readonly code: 'wallet.insufficient_credits'; readonly needed: Credits; readonly available: Credits }
  | { readonly code: 'model.unpriced'; readonly model: string }
  | { readonly code: 'plan.model_not_included'; readonly model: string }
  /** `chargedAtRevision` is where the wallet's stream holds the charge that used the run id. */
  | { readonly code: 'run.already_charged'; readonly chargedAtRevision: number }
  /** What of the charge is left to refund. */
  | { readonly code: 'refund.exceeds_charge'; readonly remaining: Credits }
  | { readonly code: 'payout.below_minimum'; readonly minimum: Credits; readonly payable: Credits }
  /** Nothing has matured, or less than nothing: a negative balance carries forward. */
  | { readonly code: 'payout.nothing_payable'; readonly payable: Credits };

export type RefusalCode = Refusal['code'];

export const invalidField = (field: string, message: string): Refusal => ({
  code: 'request.invalid',
  errors: [{ field, message }],
});
