import type { CommandContext, Decision, Past } from '#libs/ledger/decision.js';
import type { Terms } from '#libs/ledger/pricing/terms.js';
import { type Balance, balanceOf } from '#libs/ledger/wallet/balance.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { decideWallet } from '#libs/ledger/wallet/decide.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { evolveWallet } from '#libs/ledger/wallet/evolve.js';
import { walletIdsOf } from '#libs/ledger/wallet/ids.js';
import { NO_WALLET, type Wallet } from '#libs/ledger/wallet/state.js';

/** 32 hex digits that sort as the numbers do, already by their first half, of which lots are named. */
const commandIdOf = (number: number): string => number.toString(16).padStart(16, '0').padEnd(32, '0');

/** A wallet that lives by the ledger's own deciders alone: every event it ever had, and nothing stored. */
export class WalletLife implements Past<WalletEvent> {
  readonly events: WalletEvent[] = [];
  wallet: Wallet = NO_WALLET;
  private readonly revisions = new Map<string, number>();
  private commands = 0;

  constructor(readonly terms: Terms) {}

  revisionOf(id: string): number | undefined {
    return this.revisions.get(id);
  }

  eventAt(revision: number): WalletEvent {
    const event = this.events[revision];
    if (event === undefined)
      throw new Error(`Revision ${revision} was asked for, of ${this.events.length} events`);
    return event;
  }

  /** Decides and, when accepted, lets it happen. */
  send(command: WalletCommand, now: number): Decision<WalletEvent> {
    this.commands += 1;
    const context: CommandContext<WalletEvent> = { now, commandId: commandIdOf(this.commands), past: this };
    const decision = decideWallet(this.wallet, command, context, this.terms);
    if (decision.kind === 'accepted') for (const event of decision.events) this.happen(event);
    return decision;
  }

  happen(event: WalletEvent): void {
    const revision = this.events.push(event) - 1;
    for (const id of walletIdsOf(event)) this.revisions.set(id, revision);
    this.wallet = evolveWallet(this.wallet, event);
  }

  /** Right after a command that was accepted at `now`. @throws when there is no wallet */
  balance(now: number): Balance {
    if (this.wallet.status === 'none') throw new Error('There is no wallet to balance');
    const t = Math.max(now, this.wallet.lastAt);
    return balanceOf(this.wallet, t, this.terms.plansAt(t));
  }
}
