import type { Decision } from '#libs/ledger/decision.js';
import type { Terms } from '#libs/ledger/pricing/terms.js';
import type { Refusal } from '#libs/ledger/refusal.js';
import type { Balance } from '#libs/ledger/wallet/balance.js';
import type { WalletCommand } from '#libs/ledger/wallet/commands.js';
import { entitlementsOf } from '#libs/ledger/wallet/entitlements.js';
import type { WalletEvent } from '#libs/ledger/wallet/events.js';
import { commandAt, type Step } from '../ledger/intents.js';
import { ModelWallet } from '../ledger/model-wallet.js';
import { NOW } from '../ledger/wallet-builders.js';
import { WalletLife } from '../ledger/wallet-life.js';
import type { ModelAnswer, ModelBalance, ModelRefused, ModelUses } from './answers.js';
import { Bookkeeper } from './bookkeeper.js';
import type { ModelTerms } from './runs.js';

/**
 * A wallet decided by the ledger's own code beside the model; what they say, and what the books say of every lot, is
 * compared after every command.
 */
export class WalletComparison {
  readonly life: WalletLife;
  readonly model: ModelWallet;
  readonly books = new Bookkeeper();
  /** Commands that were accepted. */
  readonly history: WalletCommand[] = [];
  private sent = 0;
  private now = NOW;

  constructor(
    terms: Terms,
    private readonly modelTerms: ModelTerms,
  ) {
    this.life = new WalletLife(terms);
    this.model = new ModelWallet(modelTerms);
  }

  /** The kind of command and what became of it. @throws when they differ */
  step({ intent, afterMs }: Step): string {
    this.now += afterMs;
    const { now, history } = this;
    const command = commandAt(intent, { now, history, quote: (t) => this.quoteAt(t) });
    const key = `key-${this.sent++}`;
    const decision = this.life.send(command, now);
    const expected = this.model.send(key, '', command, now);
    expect({ command: this.sent, type: command.type, ...this.answerOf(decision) }).toEqual({
      command: this.sent,
      type: command.type,
      ...expected,
    });
    if (decision.kind === 'accepted') {
      this.model.nameLots(newLots(decision.events));
      for (const event of decision.events) this.books.read(event);
      this.books.compare(this.model.now);
      expect(this.entitled()).toEqual(this.model.usesAt(now));
      history.push(command);
    }
    const what = command.type === 'ChargePrompt' && command.holdId !== undefined ? 'settle' : command.type;
    return `${what}: ${decision.kind === 'accepted' ? 'done' : decision.refusal.code}`;
  }

  private quoteAt(t: number) {
    const { byokFeeBasisPoints, customModels: _, ...named } = this.modelTerms.pricingAt(t);
    return { ...named, byokFeeBasisPoints: BigInt(byokFeeBasisPoints) };
  }

  /** What is used of the plan, as `GET /api/entitlements` answers it. */
  private entitled(): ModelUses | undefined {
    const { wallet, terms } = this.life;
    if (wallet.status === 'none') return undefined;
    const t = Math.max(this.now, wallet.lastAt);
    const { plan, scheduled, privatePrompts, testRuns, storageBytes } = entitlementsOf(
      wallet,
      t,
      terms.plansAt(t),
    );
    return {
      plan,
      scheduled: scheduled?.plan,
      privatePrompts: Number(privatePrompts.used),
      testRuns: Number(testRuns.used),
      storageBytes: Number(storageBytes.used),
    };
  }

  private answerOf(decision: Decision<WalletEvent>): ModelAnswer {
    if (decision.kind === 'refused') return refusedAs(decision.refusal);
    const { wallet } = this.life;
    return {
      done: true,
      replayed: false,
      balance: {
        ...balanceAsModelled(this.life.balance(this.now)),
        uncollected: wallet.status === 'none' ? 0n : wallet.uncollected,
      },
      crossed: crossedBy(decision.events),
    };
  }
}

/** The ledger's balance in the model's words; what is uncollected is not part of it. */
export const balanceAsModelled = ({ unlimited, ...balance }: Balance): Omit<ModelBalance, 'uncollected'> => ({
  ...balance,
  ...(unlimited === undefined ? {} : { unlimitedUsed: unlimited.used }),
});

export const crossedBy = (events: readonly WalletEvent[]): readonly bigint[] =>
  events.flatMap((event) => (event.type === 'BalanceThresholdCrossed' ? [event.threshold] : []));

export function refusedAs(refusal: Refusal): ModelRefused {
  const { code } = refusal;
  switch (refusal.code) {
    case 'wallet.insufficient_credits':
      return { done: false, code, needed: refusal.needed, available: refusal.available };
    case 'refund.exceeds_charge':
      return { done: false, code, remaining: refusal.remaining };
    default:
      return { done: false, code };
  }
}

/** Ids of the lots that events added, in their order. */
export function newLots(events: readonly WalletEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.type === 'CreditsAdded') return [event.lotId];
    if (event.type !== 'PromptRefunded' && event.type !== 'FlowUnlockRefunded') return [];
    return event.restored.flatMap(({ refundLotId }) => (refundLotId === undefined ? [] : [refundLotId]));
  });
}
