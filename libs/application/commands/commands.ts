import { Command } from '@nestjs/cqrs';
import type * as wallet from '#libs/ledger/wallet/commands.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import type { Envelope } from '../envelope.js';
import type { NotApplied, Outcome } from '../outcome.js';

export type WalletOutcome = Outcome<WalletEvent>;

/** A wallet command on its way over the bus. The bus finds its handler by the class, so each command has one. */
export abstract class WalletRequest<C extends wallet.WalletCommand> extends Command<WalletOutcome> {
  constructor(
    readonly envelope: Envelope,
    readonly command: C,
  ) {
    super();
  }
}

export class OpenWallet extends WalletRequest<wallet.OpenWalletCommand> {}
export class MigrateWallet extends WalletRequest<wallet.MigrateWalletCommand> {}
export class CloseWallet extends WalletRequest<wallet.CloseWalletCommand> {}
export class FreezeWallet extends WalletRequest<wallet.FreezeWalletCommand> {}
export class UnfreezeWallet extends WalletRequest<wallet.UnfreezeWalletCommand> {}
export class SetThresholds extends WalletRequest<wallet.SetThresholdsCommand> {}
export class AddCredits extends WalletRequest<wallet.AddCreditsCommand> {}
export class RevokeCredits extends WalletRequest<wallet.RevokeCreditsCommand> {}
export class ReinstateCredits extends WalletRequest<wallet.ReinstateCreditsCommand> {}
export class PaySubscription extends WalletRequest<wallet.PaySubscriptionCommand> {}
export class ChangePlan extends WalletRequest<wallet.ChangePlanCommand> {}
export class CancelPlanChange extends WalletRequest<wallet.CancelPlanChangeCommand> {}
export class AuthoriseRun extends WalletRequest<wallet.AuthoriseRunCommand> {}
export class ReleaseHold extends WalletRequest<wallet.ReleaseHoldCommand> {}
export class ChargePrompt extends WalletRequest<wallet.ChargePromptCommand> {}
export class RefundPrompt extends WalletRequest<wallet.RefundPromptCommand> {}
export class UnlockFlow extends WalletRequest<wallet.UnlockFlowCommand> {}
export class RefundFlow extends WalletRequest<wallet.RefundFlowCommand> {}
export class CreatePrompt extends WalletRequest<wallet.CreatePromptCommand> {}
export class ChangePrompt extends WalletRequest<wallet.ChangePromptCommand> {}
export class DeletePrompt extends WalletRequest<wallet.DeletePromptCommand> {}
export class AdvanceWallet extends WalletRequest<wallet.AdvanceWalletCommand> {}

export interface ChargeItem {
  readonly envelope: Envelope;
  readonly command: wallet.ChargePromptCommand;
}

/** What became of one item of a bulk: its outcome, or the fault that leaves it to be sent again under the same key. */
export type ItemOutcome = WalletOutcome | { readonly kind: 'fault'; readonly fault: Error };

/** Bulk of charges, each with its own key and its own outcome, in the order given. */
export class ChargePrompts extends Command<readonly ItemOutcome[]> {
  constructor(readonly items: readonly ChargeItem[]) {
    super();
  }
}

/** Charges of one wallet that take effect together, in one append, or not at all. */
export class ChargeGroup extends Command<readonly (WalletOutcome | NotApplied)[]> {
  constructor(readonly items: readonly ChargeItem[]) {
    super();
  }
}
