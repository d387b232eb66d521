import type { Credits } from '#libs/kernel/credits.js';

/** One field that was refused: which, and what was expected. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/**
 * A business refusal: a value, never an exception. Codes are stable and part of the public interface
 * (domain rules, section 4); the order in which they are checked is fixed by the deciders.
 */
export type Refusal =
  | { readonly code: 'request.invalid'; readonly errors: readonly FieldError[] }
  | { readonly code: 'request.id_reused' }
  | { readonly code: 'wallet.not_found' }
  | { readonly code: 'wallet.already_open' }
  | { readonly code: 'wallet.insufficient_credits'; readonly needed: Credits; readonly available: Credits }
  | { readonly code: 'model.unpriced'; readonly model: string }
  /** `chargedAtRevision` is where the wallet's stream holds the charge that used the run id. */
  | { readonly code: 'run.already_charged'; readonly chargedAtRevision: number }
  | { readonly code: 'flow.already_unlocked' }
  | { readonly code: 'flow.own_flow' }
  | { readonly code: 'payment.already_credited' };

export type RefusalCode = Refusal['code'];

export const invalidField = (field: string, message: string): Refusal => ({
  code: 'request.invalid',
  errors: [{ field, message }],
});
