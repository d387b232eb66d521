import type { Decision, Past } from '#libs/ledger/decision.js';
import { STANDARD_TERMS } from '#libs/ledger/catalogue/standard.js';
import type { Plan, PlanName } from '#libs/ledger/plans/plan-table.js';
import type { PricingTerms, Terms } from '#libs/ledger/pricing/terms.js';
import type { Refusal } from '#libs/ledger/refusal.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { decideWallet } from '#libs/ledger/wallet/decide.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { evolveWallet } from '#libs/ledger/wallet/evolve.js';
import { walletIdsOf } from '#libs/ledger/wallet/ids.js';
import { type LiveWallet, NO_WALLET, type Wallet } from '#libs/ledger/wallet/state.js';
import { COMMAND_ID, NOW } from './wallet-builders.js';

export const TERMS: Terms = STANDARD_TERMS;

/** The standard terms with other plans or another pricing at every moment. */
export const termsWith = (change: {
  readonly plans?: { readonly [Name in PlanName]?: Partial<Plan> };
  readonly pricing?: Partial<PricingTerms>;
}): Terms => ({
  pricingAt: (t) => ({ ...TERMS.pricingAt(t), ...change.pricing }),
  pricingOf: (reference, t) => ({ ...TERMS.pricingOf(reference, t), ...change.pricing }),
  plansAt(t) {
    const table = TERMS.plansAt(t);
    const plans = { ...table.plans };
    for (const [name, plan] of Object.entries(change.plans ?? {})) {
      plans[name as PlanName] = { ...plans[name as PlanName], ...plan };
    }
    return { ...table, plans };
  },
});

interface When {
  /** Milliseconds since the epoch. Default `NOW`. */
  readonly at?: number;
  readonly commandId?: string;
  readonly terms?: Terms;
}

interface Then {
  /** The decision is exactly these events, in this order, with every field. */
  then(...events: readonly WalletEvent[]): void;
  thenRefused(refusal: Refusal): void;
  readonly decision: Decision<WalletEvent>;
}

export const foldWallet = (events: readonly WalletEvent[]): Wallet =>
  events.reduce<Wallet>((wallet, event) => evolveWallet(wallet, event), NO_WALLET);

export function liveWallet(...events: readonly WalletEvent[]): LiveWallet {
  const wallet = foldWallet(events);
  if (wallet.status === 'none') throw new Error('liveWallet needs at least WalletOpened');
  return wallet;
}

/** The past of a wallet whose whole history is at hand. */
export const pastOf = (history: readonly WalletEvent[]): Past<WalletEvent> => ({
  revisionOf(id) {
    const revision = history.findLastIndex((event) => walletIdsOf(event).includes(id));
    return revision < 0 ? undefined : revision;
  },
  eventAt: (revision) => history[revision]!,
});

/** Whole-event tests: `given(opened(), bought(100n)).when(charge(...)).then(charged(...))`. */
export const given = (...history: readonly WalletEvent[]) => ({
  when(command: WalletCommand, { at = NOW, commandId = COMMAND_ID, terms = TERMS }: When = {}): Then {
    const context = { now: at, commandId, past: pastOf(history) };
    const decision = decideWallet(foldWallet(history), command, context, terms);
    return {
      decision,
      then: (...events) => expect(decision).toEqual({ kind: 'accepted', events }),
      thenRefused: (refusal) => expect(decision).toEqual({ kind: 'refused', refusal }),
    };
  },
});
