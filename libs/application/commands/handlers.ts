import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { paymentStream, walletStream } from '#libs/ledger/events.js';
import type { AddPurchase } from '#libs/ledger/wallet/commands.js';
import { hashBody } from '../body-hash.js';
import type { PaymentExecutor, WalletExecutor, WritePath } from '../write-path.js';
import {
  AddCredits,
  type ChargeItem,
  ChargePrompt,
  ChargePrompts,
  type ItemOutcome,
  OpenWallet,
  UnlockFlow,
  type WalletOutcome,
} from './commands.js';

@CommandHandler(OpenWallet)
export class OpenWalletHandler implements ICommandHandler<OpenWallet> {
  constructor(private readonly wallets: WalletExecutor) {}

  execute({ envelope, command }: OpenWallet): Promise<WalletOutcome> {
    return this.wallets.execute(walletStream(command.userId), envelope, command);
  }
}

@CommandHandler(ChargePrompt)
export class ChargePromptHandler implements ICommandHandler<ChargePrompt> {
  constructor(private readonly wallets: WalletExecutor) {}

  execute({ envelope, command }: ChargePrompt): Promise<WalletOutcome> {
    return this.wallets.execute(walletStream(command.userId), envelope, command);
  }
}

@CommandHandler(ChargePrompts)
export class ChargePromptsHandler implements ICommandHandler<ChargePrompts> {
  constructor(private readonly wallets: WalletExecutor) {}

  /** Queued at once and in order, so that a wallet's charges are decided in the order given. */
  execute({ items }: ChargePrompts): Promise<readonly ItemOutcome[]> {
    return Promise.all(items.map((item) => this.charge(item)));
  }

  private async charge({ envelope, command }: ChargeItem): Promise<ItemOutcome> {
    try {
      return await this.wallets.execute(walletStream(command.userId), envelope, command, 'bulk');
    } catch (error) {
      return { kind: 'fault', fault: error instanceof Error ? error : new Error(String(error)) };
    }
  }
}

@CommandHandler(UnlockFlow)
export class UnlockFlowHandler implements ICommandHandler<UnlockFlow> {
  constructor(private readonly wallets: WalletExecutor) {}

  execute({ envelope, command }: UnlockFlow): Promise<WalletOutcome> {
    return this.wallets.execute(walletStream(command.userId), envelope, command);
  }
}

/**
 * A purchase claims its payment id in the whole ledger first: after the wallet's own checks, before the credits. What
 * a crash leaves between the two is finished by the next try for the same user and amount, under any key.
 */
@CommandHandler(AddCredits)
export class AddCreditsHandler implements ICommandHandler<AddCredits> {
  constructor(
    private readonly wallets: WalletExecutor,
    private readonly payments: PaymentExecutor,
  ) {}

  async execute({ envelope, command }: AddCredits): Promise<WalletOutcome> {
    const stream = walletStream(command.userId);
    if (command.kind !== 'purchased') return this.wallets.execute(stream, envelope, command);
    const preview = await this.wallets.preview(stream, envelope, command);
    if (preview.kind === 'refused' || preview.replayed) return preview;
    const claim = await this.claim(command);
    return claim.kind === 'refused' ? claim : this.wallets.execute(stream, envelope, command);
  }

  private claim({ paymentId, userId, amount }: AddPurchase): ReturnType<PaymentExecutor['execute']> {
    return this.payments.execute(
      paymentStream(paymentId),
      {
        principal: 'system:payments',
        // A key for each user and amount, so that finishing is a repeat and anything else is judged.
        key: `claim:${userId}:${amount}`,
        bodyHash: hashBody('RegisterPayment', { paymentId, userId, amount }),
      },
      { type: 'RegisterPayment', paymentId, userId, amount },
    );
  }
}

/** One instance of every handler, for the CommandBus. */
export const createCommandHandlers = ({ wallets, payments }: WritePath): readonly ICommandHandler[] => [
  new OpenWalletHandler(wallets),
  new AddCreditsHandler(wallets, payments),
  new ChargePromptHandler(wallets),
  new ChargePromptsHandler(wallets),
  new UnlockFlowHandler(wallets),
];
