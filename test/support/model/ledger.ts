import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { ModelWallet } from '../ledger/model-wallet.js';
import { type ModelAnswer, refusal } from './answers.js';
import type { ModelTerms } from './runs.js';

/** What a payment was claimed for, as text: the first claim of a payment id holds, for ever and in the whole ledger. */
export function claimOf(command: WalletCommand): { readonly id: string; readonly text: string } | undefined {
  if (command.type === 'AddCredits' && command.kind === 'purchased')
    return { id: command.paymentId, text: `purchase ${command.userId} ${command.amount}` };
  if (command.type === 'PaySubscription')
    return { id: command.paymentId, text: `subscription ${command.userId} ${command.amount}` };
  return undefined;
}

/** Many wallets over one register of payments, and what their creators have earned. */
export class ModelLedger {
  readonly wallets = new Map<string, ModelWallet>();
  private readonly claims = new Map<string, string>();

  constructor(private readonly terms: ModelTerms) {}

  wallet(userId: string): ModelWallet {
    const known = this.wallets.get(userId);
    if (known !== undefined) return known;
    const wallet = new ModelWallet(this.terms);
    this.wallets.set(userId, wallet);
    return wallet;
  }

  /** A payment is claimed once the wallet's own checks have passed, and before it has its credits. */
  send(key: string, body: string, command: WalletCommand, now: number): ModelAnswer {
    const wallet = this.wallet(command.userId);
    const claim = claimOf(command);
    if (claim === undefined) return wallet.send(key, body, command, now);
    const answer = wallet.peek(key, body, command, now);
    if (!answer.done || answer.replayed) return answer;
    const claimed = this.claims.get(claim.id);
    if (claimed !== undefined && claimed !== claim.text) return refusal('payment.already_credited');
    this.claims.set(claim.id, claim.text);
    return wallet.send(key, body, command, now);
  }

  /** Creators' shares of all charges and unlocks, less those of refunds; creators who never earned are not there. */
  earnings(): ReadonlyMap<string, bigint> {
    const earned = new Map<string, bigint>();
    for (const { now } of this.wallets.values()) {
      for (const { creatorId, left } of [...now.runs.values(), ...now.flows.values()]) {
        if (creatorId !== undefined) earned.set(creatorId, (earned.get(creatorId) ?? 0n) + left.creatorShare);
      }
    }
    return earned;
  }
}
