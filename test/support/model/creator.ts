import type { CreatorCommand } from '#libs/ledger/creator/commands.js';
import { refusal, type ModelRefused } from './answers.js';
import { DAY_MS } from './calendar.js';

const HOLDING_DAYS = 7;
const CENT = 10_000n;
const MINIMUM = 1_000n * CENT;

export interface ModelEarnings {
  readonly earned: bigint;
  readonly accrued: bigint;
  readonly payable: bigint;
  readonly inPayout: bigint;
  readonly paid: bigint;
}

type CreatorAnswer =
  | { readonly done: true; readonly earnings: ModelEarnings }
  | (ModelRefused & { readonly minimum?: bigint; readonly payable?: bigint });

const day = (t: number): string => new Date(t).toISOString().slice(0, 10);

/** A creator's account as the domain rules tell it: everything earned and taken back, by its day, and every payout. */
export class ModelCreator {
  private readonly days = new Map<string, bigint>();
  private readonly payouts = new Map<
    string,
    { amount: bigint; state: 'requested' | 'sent' | 'settled' | 'failed' }
  >();
  private lastSource = 0n;
  private hasDestination = false;
  /** Something has happened: only then is there a creator. */
  private isThere = false;
  private lastAt = -Infinity;

  send(command: CreatorCommand, now: number): CreatorAnswer {
    const t = this.isThere ? Math.max(now, this.lastAt) : now;
    const objection = this.apply(command, t);
    return objection ?? { done: true, earnings: this.at(t) };
  }

  /** `earned = accrued + payable + inPayout + paid`. */
  at(t: number): ModelEarnings {
    let earned = 0n;
    let accrued = 0n;
    for (const [name, net] of this.days) {
      earned += net;
      // A day is ripe when its last moment has waited long enough; what it owes is owed at once.
      const isRipe = day(t - (HOLDING_DAYS + 1) * DAY_MS) >= name;
      if (!isRipe && net > 0n) accrued += net;
    }
    const sum = (...states: readonly string[]): bigint =>
      [...this.payouts.values()].reduce(
        (total, { amount, state }) => (states.includes(state) ? total + amount : total),
        0n,
      );
    const inPayout = sum('requested', 'sent');
    const paid = sum('settled');
    return { earned, accrued, payable: earned - accrued - inPayout - paid, inPayout, paid };
  }

  private apply(command: CreatorCommand, t: number): CreatorAnswer | undefined {
    switch (command.type) {
      case 'SettleSources':
        for (const { kind, source, amount, earnedAt } of command.sources) {
          if (source.position <= this.lastSource) continue;
          this.lastSource = source.position;
          const net = this.days.get(day(earnedAt)) ?? 0n;
          this.days.set(day(earnedAt), kind === 'earned' ? net + amount : net - amount);
          this.happen(t);
        }
        return undefined;
      case 'VerifyPayoutDestination':
        this.hasDestination = true;
        this.happen(t);
        return undefined;
      case 'RequestPayout':
        return this.request(command.payoutId, command.amount, t);
      case 'MarkPayoutSent':
        return this.mark(command.payoutId, ['requested'], 'sent', t);
      case 'MarkPayoutSettled':
        return this.mark(command.payoutId, ['sent'], 'settled', t);
      case 'MarkPayoutFailed':
        return this.mark(command.payoutId, ['requested', 'sent', 'settled'], 'failed', t);
    }
  }

  private request(payoutId: string, asked: bigint | undefined, t: number): CreatorAnswer | undefined {
    if (!this.isThere) return refusal('creator.not_found');
    if (this.payouts.has(payoutId)) return refusal('request.invalid');
    if (!this.hasDestination) return refusal('payout.no_destination');
    const { payable } = this.at(t);
    if (payable <= 0n) return { ...refusal('payout.nothing_payable'), payable };
    const amount = asked ?? payable - (payable % CENT);
    if (amount < MINIMUM || payable < MINIMUM)
      return { ...refusal('payout.below_minimum'), minimum: MINIMUM, payable };
    if (amount > payable) return refusal('request.invalid');
    this.payouts.set(payoutId, { amount, state: 'requested' });
    this.happen(t);
    return undefined;
  }

  private mark(
    payoutId: string,
    from: readonly string[],
    to: 'sent' | 'settled' | 'failed',
    t: number,
  ): CreatorAnswer | undefined {
    const payout = this.payouts.get(payoutId);
    if (payout === undefined) return refusal('payout.not_found');
    if (!from.includes(payout.state)) return refusal('request.invalid');
    payout.state = to;
    this.happen(t);
    return undefined;
  }

  private happen(t: number): void {
    this.isThere = true;
    this.lastAt = t;
  }
}
