import { PLAN_NAMES, type PlanName } from '#libs/ledger/plans/plan-table.js';
import {
  CLOSING_REMAINDERS,
  type ClosingRemainder,
  FREEZE_REASONS,
  type FreezeReason,
} from '#libs/ledger/wallet/vocabulary.js';
import { AmountsField, CreditsField, IdField, OneOfField } from '../validation/fields.js';
import type { RawCredits } from './to-command.js';

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

export class MigrateWalletDto {
  @IdField({ description: 'User who gets the wallet.', example: 'u-1' })
  userId!: string;

  @OneOfField(PLAN_NAMES, { description: 'Plan the user has in the old system.', example: 'PRO' })
  plan!: PlanName;

  @CreditsField({ description: 'Purchased credits left; they do not lapse.', example: '5000000' })
  purchased!: RawCredits;

  @CreditsField({
    description:
      "What is left of this month's credits: it stands for the plan's grant and lapses with the month.",
    example: '12500000',
  })
  monthly!: RawCredits;

  @CreditsField({ description: 'Credits of unknown origin; they do not lapse.', example: '0' })
  other!: RawCredits;
}

export class FreezeWalletDto {
  @OneOfField(FREEZE_REASONS, { description: 'Why, a code.', example: 'dispute' })
  reason!: FreezeReason;

  @IdField({ description: "The caller's own reference of the case.", example: 'case-7', optional: true })
  reference?: string;
}

/** Says nothing: the path names the wallet. */
export class UnfreezeWalletDto {}

export class CloseWalletDto {
  @OneOfField(CLOSING_REMAINDERS, {
    description:
      'What happens to purchased credits that are left: pay_back revokes them, to be paid out by finance; expire keeps ' +
      'them as breakage. All other credits expire.',
    example: 'pay_back',
  })
  remainder!: ClosingRemainder;
}

/** Most thresholds of a wallet. */
const THRESHOLDS_MAX = 10;

export class SetThresholdsDto {
  @AmountsField({
    description:
      `Amounts of available credits, at most ${THRESHOLDS_MAX}: a notice is recorded each time available falls below one. ` +
      'Replaces all earlier ones; an empty array switches the notices off.',
    example: ['1000000', '100000'],
    itemsMax: THRESHOLDS_MAX,
  })
  thresholds!: readonly RawCredits[];
}
