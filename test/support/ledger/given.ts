import type { Decision } from '#libs/ledger/decision.js';
import type { Refusal } from '#libs/ledger/refusal.js';
import { PLAN_CREDIT_DEFAULT, STANDARD_PLANS } from '#libs/ledger/plans/plan-table.js';
import { STANDARD_RATE_CARD } from '#libs/ledger/pricing/rate-card.js';
import { THREE_PART_V1 } from '#libs/ledger/pricing/three-part-v1.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { decideWallet, type WalletTerms } from '#libs/ledger/wallet/decide.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { evolveWallet, NO_WALLET, type OpenWallet, type Wallet } from '#libs/ledger/wallet/state.js';
import { COMMAND_ID, NOW } from './wallet-builders.js';

export const TERMS: WalletTerms = {
  pricing: { rateCard: STANDARD_RATE_CARD, policy: THREE_PART_V1, byokFeeBasisPoints: 0n },
  plans: { table: STANDARD_PLANS, planCredit: PLAN_CREDIT_DEFAULT },
};

interface When {
  /** Milliseconds since the epoch. Default `NOW`. */
  readonly at?: number;
  readonly commandId?: string;
  readonly terms?: WalletTerms;
}

interface Then {
  /** The decision is exactly these events, in this order, with every field. */
  then(...events: readonly WalletEvent[]): void;
  thenRefused(refusal: Refusal): void;
  readonly decision: Decision<WalletEvent>;
}

export const foldWallet = (events: readonly WalletEvent[]): Wallet =>
  events.reduce<Wallet>((wallet, event) => evolveWallet(wallet, event), NO_WALLET);

export function openWallet(...events: readonly WalletEvent[]): OpenWallet {
  const wallet = foldWallet(events);
  if (wallet.status !== 'open') throw new Error('openWallet needs at least WalletOpened');
  return wallet;
}

/** Whole-event tests: `given(opened(), bought(100n)).when(charge(...)).then(charged(...))`. */
export const given = (...history: readonly WalletEvent[]) => ({
  when(command: WalletCommand, { at = NOW, commandId = COMMAND_ID, terms = TERMS }: When = {}): Then {
    const decision = decideWallet(foldWallet(history), command, { now: at, commandId }, terms);
    return {
      decision,
      then: (...events) => expect(decision).toEqual({ kind: 'accepted', events }),
      thenRefused: (refusal) => expect(decision).toEqual({ kind: 'refused', refusal }),
    };
  },
});
