import { Command } from '@nestjs/cqrs';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import type {
  AddCreditsCommand,
  ChargePromptCommand,
  OpenWalletCommand,
  UnlockFlowCommand,
} from '#libs/ledger/wallet/commands.js';
import type { Envelope } from '../envelope.js';
import type { Outcome } from '../outcome.js';

export type WalletOutcome = Outcome<WalletEvent>;

export class OpenWallet extends Command<WalletOutcome> {
  constructor(
    readonly envelope: Envelope,
    readonly command: OpenWalletCommand,
  ) {
    super();
  }
}

export class AddCredits extends Command<WalletOutcome> {
  constructor(
    readonly envelope: Envelope,
    readonly command: AddCreditsCommand,
  ) {
    super();
  }
}

export class ChargePrompt extends Command<WalletOutcome> {
  constructor(
    readonly envelope: Envelope,
    readonly command: ChargePromptCommand,
  ) {
    super();
  }
}

export class UnlockFlow extends Command<WalletOutcome> {
  constructor(
    readonly envelope: Envelope,
    readonly command: UnlockFlowCommand,
  ) {
    super();
  }
}

export interface ChargeItem {
  readonly envelope: Envelope;
  readonly command: ChargePromptCommand;
}

/** What became of one item of a bulk: its outcome, or the fault that leaves it to be sent again under the same key. */
export type ItemOutcome = WalletOutcome | { readonly kind: 'fault'; readonly fault: Error };

/** Bulk of charges, each with its own key and its own outcome, in the order given. */
export class ChargePrompts extends Command<readonly ItemOutcome[]> {
  constructor(readonly items: readonly ChargeItem[]) {
    super();
  }
}
