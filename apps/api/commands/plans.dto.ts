import { PLAN_NAMES, type PlanName } from '#libs/ledger/plans/plan-table.js';
import { CreditsField, IdField, OneOfField, TimeField } from '../validation/fields.js';
import type { RawCredits } from './to-command.js';

export type PaidPlan = Exclude<PlanName, 'FREE'>;
const PAID_PLANS = PLAN_NAMES.filter((plan): plan is PaidPlan => plan !== 'FREE');

export class ChangePlanDto {
  @IdField({ description: 'User whose plan changes.', example: 'u-1' })
  userId!: string;

  @OneOfField(PLAN_NAMES, {
    description: 'A larger plan begins at once, a smaller one when the period ends.',
    example: 'ELITE',
  })
  plan!: PlanName;
}

export class CancelPlanChangeDto {
  @IdField({ description: 'User whose scheduled change is called off.', example: 'u-1' })
  userId!: string;
}

export class PaySubscriptionDto {
  @IdField({ description: 'User whose plan was paid.', example: 'u-1' })
  userId!: string;

  @OneOfField(PAID_PLANS, { description: 'Plan that was paid.', example: 'PRO' })
  plan!: PaidPlan;

  @IdField({ description: 'Payment id, used once in the whole ledger.', example: 'pay-2026-002' })
  reference!: string;

  @CreditsField({
    description: 'What was paid, in credits (1,000,000 credits = $1.00).',
    example: '15000000',
    min: 1,
  })
  amount!: RawCredits;

  @TimeField({
    description: 'When the plan begins to be covered (UTC), inclusive. Default: now.',
    example: '2026-11-20T00:00:00Z',
    optional: true,
  })
  from?: string;

  @TimeField({
    description:
      'When the cover ends (UTC), exclusive, after from. Default: one calendar month after from, or the last day of a ' +
      'shorter month.',
    example: '2026-12-20T00:00:00Z',
    optional: true,
  })
  until?: string;
}
