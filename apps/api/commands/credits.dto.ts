import { PROMO_REASONS, type PromoReason } from '#libs/ledger/wallet/vocabulary.js';
import { CreditsField, IdField, OneOfField, TimeField } from '../validation/fields.js';
import type { RawObject, Rule } from '../validation/rule.js';
import type { RawCredits } from './to-command.js';

export const ADDED_KINDS = ['purchased', 'promo', 'adjustment'] as const;
export type AddedKind = (typeof ADDED_KINDS)[number];

const isPurchase = ({ kind }: RawObject): boolean => kind === 'purchased';
const isGrant = ({ kind }: RawObject): boolean => kind === 'promo' || kind === 'adjustment';

const notOnPurchase: Rule = {
  name: 'isNotOnPurchase',
  message: 'is for promo and adjustment: a purchase is explained by its payment id in reference',
  test: (_reason, object) => !isPurchase(object),
};

export class AddCreditsDto {
  @IdField({ description: 'User whose wallet gets the credits.', example: 'u-1' })
  userId!: string;

  @CreditsField({
    description: 'Credits to add (1,000,000 credits = $1.00), 1 or more.',
    example: '5000000',
    min: 1,
  })
  amount!: RawCredits;

  @OneOfField(ADDED_KINDS, { description: 'Where the credits come from.', example: 'purchased' })
  kind!: AddedKind;

  @OneOfField(PROMO_REASONS, {
    description: 'Why they were given, a code: needed for promo and adjustment, refused for purchased.',
    example: 'welcome',
    requiredWhen: isGrant,
    rules: [notOnPurchase],
  })
  reason?: PromoReason;

  @IdField({
    description: "Payment id for purchased, unique in the whole ledger; else the caller's own reference.",
    example: 'pay-2026-001',
    requiredWhen: isPurchase,
  })
  reference?: string;

  @TimeField({
    description: 'When what is left of them lapses (UTC), in the future. Default: never.',
    example: '2027-11-20T00:00:00Z',
    optional: true,
  })
  expiresAt?: string;
}

const PAYMENT_REVOKE_REASONS = ['chargeback', 'provider_refund', 'fraud'] as const;
export type RevokedReason = (typeof PAYMENT_REVOKE_REASONS)[number] | 'correction';

const isCorrection = ({ reason }: RawObject): boolean => reason === 'correction';
const isOfPayment = ({ reason }: RawObject): boolean =>
  (PAYMENT_REVOKE_REASONS as readonly unknown[]).includes(reason);

const notOnCorrection: Rule = {
  name: 'isNotOnCorrection',
  message: 'is for a payment: a correction takes an amount of adjusted credits back',
  test: (_reference, object) => !isCorrection(object),
};
const notOnPayment: Rule = {
  name: 'isNotOnPayment',
  message: 'is for correction: a payment is revoked whole, by its id in reference',
  test: (_amount, object) => !isOfPayment(object),
};

export class RevokeCreditsDto {
  @IdField({ description: 'User whose wallet loses the credits.', example: 'u-1' })
  userId!: string;

  @OneOfField([...PAYMENT_REVOKE_REASONS, 'correction'], {
    description:
      'Why: chargeback, provider_refund and fraud revoke a payment, correction takes adjustments back.',
    example: 'chargeback',
  })
  reason!: RevokedReason;

  @IdField({
    description: 'Payment id of the purchase whose money went back; needed unless the reason is correction.',
    example: 'pay-2026-001',
    requiredWhen: isOfPayment,
    rules: [notOnCorrection],
  })
  reference?: string;

  @CreditsField({
    description:
      'Credits of adjustments to take back, 1 or more, at most what is available of them; for correction.',
    example: '5000',
    min: 1,
    requiredWhen: isCorrection,
    rules: [notOnPayment],
  })
  amount?: RawCredits;
}

export class ReinstateCreditsDto {
  @IdField({ description: 'User whose wallet gets the credits back.', example: 'u-1' })
  userId!: string;

  @IdField({
    description: 'Payment id whose revocation was undone: the dispute was won.',
    example: 'pay-2026-001',
  })
  reference!: string;
}
