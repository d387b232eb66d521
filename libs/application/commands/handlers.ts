import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { walletStream } from '#libs/ledger/events.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import type { NotApplied } from '../outcome.js';
import { createCreatorHandlers } from '../creators/handlers.js';
import type { PaymentExecutor, WalletExecutor, WritePath } from '../write-path.js';
import { claimPayment, type PaymentClaim } from './claim-payment.js';
import * as requests from './commands.js';
import {
  AddCredits,
  ChargeGroup,
  type ChargeItem,
  ChargePrompts,
  type ItemOutcome,
  PaySubscription,
  type WalletOutcome,
  type WalletRequest,
} from './commands.js';

type RequestClass<C extends WalletCommand> = new (
  ...args: ConstructorParameters<typeof WalletRequest<C>>
) => WalletRequest<C>;

export interface WalletCommandHandler<C extends WalletCommand> {
  execute(request: WalletRequest<C>): Promise<WalletOutcome>;
}

/** Handler of a command that goes straight to the wallet's stream. */
export function walletHandler<C extends WalletCommand>(
  request: RequestClass<C>,
  wallets: WalletExecutor,
): WalletCommandHandler<C> {
  @CommandHandler(request)
  class StraightHandler implements WalletCommandHandler<C> {
    execute({ envelope, command }: WalletRequest<C>): Promise<WalletOutcome> {
      return wallets.execute(walletStream(command.userId), envelope, command);
    }
  }
  return new StraightHandler();
}

/**
 * Handler of a command that spends a payment: its id is claimed in the whole ledger first, after the wallet's own
 * checks and before the wallet's event. What a crash leaves between the two is finished by the next try of the same
 * claim, under any key.
 */
export function payingHandler<C extends WalletCommand>(
  request: RequestClass<C>,
  { wallets, payments }: { readonly wallets: WalletExecutor; readonly payments: PaymentExecutor },
  claimOf: (command: C) => PaymentClaim | undefined,
): WalletCommandHandler<C> {
  @CommandHandler(request)
  class PayingHandler implements WalletCommandHandler<C> {
    async execute({ envelope, command }: WalletRequest<C>): Promise<WalletOutcome> {
      const stream = walletStream(command.userId);
      const claim = claimOf(command);
      if (claim === undefined) return wallets.execute(stream, envelope, command);
      const preview = await wallets.preview(stream, envelope, command);
      if (preview.kind === 'refused' || preview.replayed) return preview;
      const claimed = await claimPayment(payments, claim);
      return claimed.kind === 'refused' ? claimed : wallets.execute(stream, envelope, command);
    }
  }
  return new PayingHandler();
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

@CommandHandler(ChargeGroup)
export class ChargeGroupHandler implements ICommandHandler<ChargeGroup> {
  constructor(private readonly wallets: WalletExecutor) {}

  /** @throws what the executor throws, for the whole group; CommandTooLargeFault when one append cannot hold it */
  async execute({ items }: ChargeGroup): Promise<readonly (WalletOutcome | NotApplied)[]> {
    const [first] = items;
    return first === undefined ? [] : this.wallets.executeGroup(walletStream(first.command.userId), items);
  }
}

type Executors = Pick<WritePath, 'wallets' | 'payments'>;

export const addCreditsHandler = (executors: Executors) =>
  payingHandler(AddCredits, executors, (command) =>
    command.kind === 'purchased' ? { ...command, purpose: 'purchase' } : undefined,
  );

export const paySubscriptionHandler = (executors: Executors) =>
  payingHandler(PaySubscription, executors, (command) => ({ ...command, purpose: 'subscription' }));

/** One instance of every handler, for the CommandBus. */
export const createCommandHandlers = ({
  wallets,
  payments,
  creators,
}: Executors & Pick<WritePath, 'creators'>): readonly ICommandHandler[] => [
  ...createCreatorHandlers({ creators }),
  addCreditsHandler({ wallets, payments }),
  paySubscriptionHandler({ wallets, payments }),
  new ChargePromptsHandler(wallets),
  new ChargeGroupHandler(wallets),
  walletHandler(requests.OpenWallet, wallets),
  walletHandler(requests.MigrateWallet, wallets),
  walletHandler(requests.CloseWallet, wallets),
  walletHandler(requests.FreezeWallet, wallets),
  walletHandler(requests.UnfreezeWallet, wallets),
  walletHandler(requests.SetThresholds, wallets),
  walletHandler(requests.RevokeCredits, wallets),
  walletHandler(requests.ReinstateCredits, wallets),
  walletHandler(requests.ChangePlan, wallets),
  walletHandler(requests.CancelPlanChange, wallets),
  walletHandler(requests.AuthoriseRun, wallets),
  walletHandler(requests.ReleaseHold, wallets),
  walletHandler(requests.ChargePrompt, wallets),
  walletHandler(requests.RefundPrompt, wallets),
  walletHandler(requests.UnlockFlow, wallets),
  walletHandler(requests.RefundFlow, wallets),
  walletHandler(requests.CreatePrompt, wallets),
  walletHandler(requests.ChangePrompt, wallets),
  walletHandler(requests.DeletePrompt, wallets),
  walletHandler(requests.AdvanceWallet, wallets),
];
