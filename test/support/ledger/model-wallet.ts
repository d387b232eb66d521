import type { LiveWalletCommand, WalletCommand } from '#libs/ledger/wallet/commands.js';
import {
  type ModelAnswer,
  type ModelBalance,
  type ModelDone,
  type ModelUses,
  type Objection,
  refusal,
} from '../model/answers.js';
import type { Command } from '../model/commands.js';
import { authorise, isLapseDue, lapseHolds, release, settle } from '../model/holds.js';
import { addLot, availableOf, expireLots, freeOf, heldOf, kindsOf } from '../model/lots.js';
import {
  cancelPlanChange,
  changePlan,
  isRollDue,
  openOnPlan,
  paySubscription,
  roll,
} from '../model/plans.js';
import { changePrompt, createPrompt, deletePrompt, privatePromptsOf, storageOf } from '../model/prompts.js';
import { refundFlow, refundRun } from '../model/refunds.js';
import { close, reinstate, revoke } from '../model/revocations.js';
import { chargeDirectly, type ModelTerms, unlock } from '../model/runs.js';
import { type ModelState, newState } from '../model/state.js';
import { STANDARD_MODEL_TERMS } from '../model/terms.js';

/**
 * After closing, only money's own facts are taken; a hold can no longer be open, which releasing says. What a dispute
 * won has put into a closed wallet is paid back or expires by closing it once more.
 */
function isTakenAfterClosing(command: LiveWalletCommand, { lots }: ModelState): boolean {
  switch (command.type) {
    case 'ChargePrompt':
      return command.holdId !== undefined;
    case 'RevokeCredits':
      return command.reason !== 'correction';
    case 'CloseWallet':
      return lots.some(({ left }) => left > 0n);
    default:
      return ['ReinstateCredits', 'ReleaseHold', 'AdvanceWallet'].includes(command.type);
  }
}

/**
 * A wallet as the domain rules describe it, written as plainly as possible and apart from the ledger's own code. It
 * answers every command as the ledger must.
 */
export class ModelWallet {
  private keys = new Map<string, { body: string; answer: ModelDone }>();
  private state: ModelState = newState();

  constructor(private readonly terms: ModelTerms = STANDARD_MODEL_TERMS) {}

  /** For looking at, not for changing. */
  get now(): Readonly<ModelState> {
    return this.state;
  }

  /** A key has one effect for ever; a refusal is forgotten. */
  send(key: string, body: string, command: WalletCommand, now: number): ModelAnswer {
    const answered = this.keys.get(key);
    if (answered !== undefined) {
      return answered.body === body ? { ...answered.answer, replayed: true } : refusal('request.id_reused');
    }
    const before = this.state.happened;
    const answer = this.judge(command, now);
    // What wrote nothing has nothing to remember its key by.
    if (answer.done && this.state.happened > before) this.keys.set(key, { body, answer });
    return answer;
  }

  /** The ledger's own names of the lots that were added since the last call, in the order added. */
  nameLots(ids: readonly string[]): void {
    const unnamed = this.state.lots.filter(({ id }) => id === '');
    if (unnamed.length !== ids.length)
      throw new Error(`The model added ${unnamed.length} lots, the ledger ${ids.length}: ${ids.join(', ')}`);
    unnamed.forEach((lot, i) => (lot.id = ids[i]!));
  }

  /** Another wallet in the same state, to try things on. */
  copy(): ModelWallet {
    const copy = new ModelWallet(this.terms);
    copy.state = structuredClone(this.state);
    copy.keys = new Map(this.keys);
    return copy;
  }

  /** What `send` would answer; nothing happens. */
  peek(key: string, body: string, command: WalletCommand, now: number): ModelAnswer {
    return this.copy().send(key, body, command, now);
  }

  /** As a reader sees it at `now`: everything that time has made due is done. Undefined without a wallet. */
  balanceAt(now: number): ModelBalance | undefined {
    if (this.state.status === 'none') return undefined;
    const t = Math.max(now, this.state.lastAt);
    return this.undone(() => {
      this.advance(t);
      return this.balance(t);
    });
  }

  /** As a reader sees it at `now`. Undefined without a wallet. */
  usesAt(now: number): ModelUses | undefined {
    if (this.state.status === 'none') return undefined;
    return this.undone(() => {
      const { state } = this;
      this.advance(Math.max(now, state.lastAt));
      return {
        plan: state.plan,
        scheduled: state.scheduled,
        privatePrompts: privatePromptsOf(state),
        testRuns: state.testRuns,
        storageBytes: storageOf(state),
      };
    });
  }

  private undone<T>(act: () => T): T {
    const kept = this.state;
    this.state = structuredClone(kept);
    try {
      return act();
    } finally {
      this.state = kept;
    }
  }

  private judge(command: WalletCommand, now: number): ModelAnswer {
    const { state } = this;
    if (command.type === 'MigrateWallet') throw new Error('The model knows no migration');
    if (command.type === 'OpenWallet') {
      if (state.status !== 'none') return refusal('wallet.already_open');
      return (
        openOnPlan(state, command, now, this.terms.plansAt(now)) ??
        this.doneAt(now, 0, { available: 0n, thresholds: [] })
      );
    }
    if (state.status === 'none') return refusal('wallet.not_found');
    const t = Math.max(now, state.lastAt);
    const kept = this.isDue(t) ? structuredClone(state) : undefined;
    // A threshold is crossed by what happens while it is set, not by setting it.
    const { happened, thresholds } = state;
    const availableBefore = state.lots.reduce((sum, _lot, i) => sum + freeOf(state, i), 0n);
    const objection = this.advanceAndApply(command, t);
    const answer = objection ?? this.doneAt(t, happened, { available: availableBefore, thresholds });
    // What writes nothing leaves no trace, not even of time: neither a refusal nor a look at what is due.
    if (kept !== undefined && (!answer.done || state.happened === happened)) this.state = kept;
    return answer;
  }

  private advanceAndApply(command: LiveWalletCommand, t: number): Objection {
    // A renewal that arrives as the first thing in a new month is there when the month is judged.
    if (command.type !== 'PaySubscription') this.advance(t);
    const objection = this.apply(command, t);
    if (command.type === 'PaySubscription' && objection === undefined) this.advance(t);
    return objection;
  }

  private isDue(t: number): boolean {
    const { state } = this;
    return (
      isLapseDue(state, t) ||
      isRollDue(state, t) ||
      state.lots.some((lot, i) => lot.lapsesAt <= t && freeOf(state, i) > 0n)
    );
  }

  private advance(t: number): void {
    lapseHolds(this.state, t);
    expireLots(this.state, t);
    roll(this.state, t, this.terms.plansAt(t));
  }

  private apply(command: LiveWalletCommand, t: number): Objection {
    const { state, terms } = this;
    const isSettle = command.type === 'ChargePrompt' && command.holdId !== undefined;
    if (state.status === 'closed' && !isTakenAfterClosing(command, state)) return refusal('wallet.closed');
    switch (command.type) {
      case 'CloseWallet':
        return close(state, command);
      case 'FreezeWallet':
        return this.freeze();
      case 'UnfreezeWallet':
        return this.unfreeze();
      case 'SetThresholds':
        return this.setThresholds(command.thresholds);
      case 'AddCredits':
        return this.add(command, t);
      case 'RevokeCredits':
        return revoke(state, command, t);
      case 'ReinstateCredits':
        return reinstate(state, command, t);
      case 'PaySubscription':
        return paySubscription(state, command);
      case 'ChangePlan':
        return changePlan(state, command, t, terms.plansAt(t));
      case 'CancelPlanChange':
        return cancelPlanChange(state);
      case 'AuthoriseRun':
        return authorise(state, command, t, terms);
      case 'ReleaseHold':
        return release(state, command, t);
      case 'ChargePrompt':
        return isSettle ? settle(state, command, t, terms) : chargeDirectly(state, command, t, terms);
      case 'RefundPrompt':
        return refundRun(state, command, t);
      case 'UnlockFlow':
        return unlock(state, command, t);
      case 'RefundFlow':
        return refundFlow(state, command, t);
      case 'CreatePrompt':
        return createPrompt(state, command, terms.plansAt(t)[state.plan]);
      case 'ChangePrompt':
        return changePrompt(state, command, terms.plansAt(t)[state.plan]);
      case 'DeletePrompt':
        return deletePrompt(state, command);
      case 'AdvanceWallet':
        return undefined;
    }
  }

  private freeze(): Objection {
    if (this.state.status === 'frozen') return refusal('wallet.frozen');
    this.state.status = 'frozen';
    this.state.happened += 1;
    return undefined;
  }

  private unfreeze(): Objection {
    if (this.state.status !== 'frozen') return refusal('request.invalid');
    this.state.status = 'open';
    this.state.happened += 1;
    return undefined;
  }

  private setThresholds(thresholds: readonly bigint[]): Objection {
    this.state.thresholds = [...new Set(thresholds)].sort((a, b) => (a < b ? 1 : -1));
    this.state.happened += 1;
    return undefined;
  }

  private add(command: Command<'AddCredits'>, t: number): Objection {
    const { kind, amount, expiresAt } = command;
    if (expiresAt !== undefined && expiresAt <= t) return refusal('request.invalid');
    if (kind === 'purchased') {
      if (this.state.payments.has(command.paymentId)) return refusal('payment.already_credited');
      this.state.payments.set(command.paymentId, 'purchase');
    }
    addLot(
      this.state,
      {
        kind: kind === 'purchased' ? 'purchased' : 'promo',
        origin: kind,
        amount,
        lapsesAt: expiresAt,
        paymentId: kind === 'purchased' ? command.paymentId : undefined,
      },
      t,
    );
    return undefined;
  }

  private doneAt(
    t: number,
    happenedBefore: number,
    before: { readonly available: bigint; readonly thresholds: readonly bigint[] },
  ): ModelAnswer {
    const { state } = this;
    if (state.happened > happenedBefore) state.lastAt = t;
    const balance = this.balance(t);
    const crossed = before.thresholds.filter(
      (threshold) => before.available >= threshold && balance.available < threshold,
    );
    return { done: true, replayed: false, balance, crossed };
  }

  private balance(t: number): ModelBalance {
    const { state, terms } = this;
    return {
      available: availableOf(state, t),
      held: heldOf(state),
      ...kindsOf(state, t),
      uncollected: state.uncollected,
      ...(terms.plansAt(t)[state.plan].monthly === undefined ? { unlimitedUsed: state.allowanceUsed } : {}),
    };
  }
}
