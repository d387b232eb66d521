import type { EventStore } from '#libs/event-store/port.js';
import type { Clock } from '#libs/kernel/clock.js';
import type { SettleSources } from '#libs/ledger/creator/decide.js';
import { decideCreator } from '#libs/ledger/creator/decide.js';
import type { CreatorEvent } from '#libs/ledger/creator/events.js';
import { type Creator, evolveCreator, NO_CREATOR } from '#libs/ledger/creator/state.js';
import {
  decidePayment,
  evolvePayment,
  NO_PAYMENT,
  type Payment,
  type PaymentEvent,
  type RegisterPayment,
} from '#libs/ledger/payment/payment.js';
import { PLAN_CREDIT_DEFAULT, STANDARD_PLANS } from '#libs/ledger/plans/plan-table.js';
import { STANDARD_RATE_CARD } from '#libs/ledger/pricing/rate-card.js';
import { THREE_PART_V1 } from '#libs/ledger/pricing/three-part-v1.js';
import { advance } from '#libs/ledger/wallet/advance.js';
import { balanceOf } from '#libs/ledger/wallet/balance.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { decideWallet, type WalletTerms } from '#libs/ledger/wallet/decide.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { evolveWallet, NO_WALLET, type Wallet } from '#libs/ledger/wallet/state.js';
import type { StreamDefinition } from './stream-definition.js';
import { StreamExecutor } from './stream-executor.js';

/** The terms a ledger runs on without further configuration: shipped rate card, policy and plans. */
export const STANDARD_TERMS: WalletTerms = {
  pricing: { rateCard: STANDARD_RATE_CARD, policy: THREE_PART_V1, byokFeeBasisPoints: 0n },
  plans: { table: STANDARD_PLANS, planCredit: PLAN_CREDIT_DEFAULT },
};

export type WalletExecutor = StreamExecutor<Wallet, WalletCommand, WalletEvent>;
export type PaymentExecutor = StreamExecutor<Payment, RegisterPayment, PaymentEvent>;
export type CreatorExecutor = StreamExecutor<Creator, SettleSources, CreatorEvent>;

/** One executor for each kind of stream, over one store. */
export interface WritePath {
  readonly terms: WalletTerms;
  readonly clock: Clock;
  readonly wallets: WalletExecutor;
  readonly payments: PaymentExecutor;
  readonly creators: CreatorExecutor;
  /** Commands waiting or being appended now, over all executors. */
  depth(): number;
  close(): Promise<void>;
}

export interface WritePathOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly terms?: WalletTerms;
}

export function createWritePath({ store, clock, terms = STANDARD_TERMS }: WritePathOptions): WritePath {
  const wallets = new StreamExecutor({ store, clock, definition: walletDefinition(terms) });
  const payments = new StreamExecutor({ store, clock, definition: paymentDefinition });
  const creators = new StreamExecutor({ store, clock, definition: creatorDefinition });
  const all = [wallets, payments, creators];
  return {
    terms,
    clock,
    wallets,
    payments,
    creators,
    depth: () => all.reduce((sum, executor) => sum + executor.depth, 0),
    close: async () => {
      await Promise.all(all.map((executor) => executor.close()));
    },
  };
}

export function walletDefinition(terms: WalletTerms): StreamDefinition<Wallet, WalletCommand, WalletEvent> {
  return {
    initial: NO_WALLET,
    evolve: evolveWallet,
    decide: (wallet, command, context) => decideWallet(wallet, command, context, terms),
    due: (wallet, { now }) =>
      wallet.status === 'none' ? [] : advance(wallet, Math.max(now, wallet.lastAt), terms.plans).events,
    balance: (wallet, event) =>
      wallet.status === 'none' ? undefined : balanceOf(wallet, event.at, terms.plans),
  };
}

export const paymentDefinition: StreamDefinition<Payment, RegisterPayment, PaymentEvent> = {
  initial: NO_PAYMENT,
  evolve: evolvePayment,
  decide: decidePayment,
};

export const creatorDefinition: StreamDefinition<Creator, SettleSources, CreatorEvent> = {
  initial: NO_CREATOR,
  evolve: evolveCreator,
  decide: decideCreator,
};
