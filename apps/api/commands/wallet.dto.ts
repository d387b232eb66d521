import { PLAN_NAMES, type PlanName } from '#libs/ledger/plans/plan-table.js';
import { IdField, OneOfField } from '../validation/fields.js';

export class OpenWalletDto {
  @IdField({ description: 'User who gets the wallet.', example: 'u-1' })
  userId!: string;

  @OneOfField(PLAN_NAMES, {
    description: "Plan of the wallet; its current month's credits are granted at once. Default FREE.",
    example: 'PRO',
    optional: true,
  })
  plan?: PlanName;
}
