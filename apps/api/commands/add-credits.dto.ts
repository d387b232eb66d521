import { PROMO_REASONS, type PromoReason } from '#libs/ledger/wallet/commands.js';
import { CreditsField, IdField, OneOfField, TimeField } from '../validation/fields.js';
import type { RawObject, Rule } from '../validation/rule.js';
import type { RawCredits } from './charge-prompt.dto.js';

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
