import fc from 'fast-check';
import { PayoutId } from '#libs/kernel/ids.js';
import { earned, pastOfCreator, reversed, settle, verified } from '#test/support/ledger/creator-builders.js';
import { COMMAND_ID, CREATOR, NOW } from '#test/support/ledger/wallet-builders.js';
import { holds } from '#test/support/property.js';
import type { CreatorCommand, SourceToSettle } from './commands.js';
import { decideCreator } from './decide.js';
import type { CreatorEvent } from './events.js';
import { type Creator, earningsAt, evolveCreator, NO_CREATOR } from './state.js';
import { DAY_MS, STANDARD_CREATOR_TERMS } from './terms.js';

const RUNS = 500;
const STEPS_MIN = 20;
const STEPS_MAX = 60;
const DOLLAR = 1_000_000n;

type Step =
  | { readonly do: 'earn'; readonly amount: bigint }
  | { readonly do: 'refund'; readonly which: number; readonly parts: bigint }
  | { readonly do: 'replay' }
  | { readonly do: 'pay'; readonly amount: bigint | undefined }
  | { readonly do: 'mark'; readonly which: number; readonly to: 'Sent' | 'Settled' | 'Failed' }
  | { readonly do: 'wait'; readonly ms: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('earn' as const), amount: fc.bigInt({ min: 1n, max: 40n * DOLLAR }) }),
    fc.record({
      do: fc.constant('refund' as const),
      which: fc.nat(STEPS_MAX),
      parts: fc.bigInt({ min: 1n, max: 3n }),
    }),
    fc.record({ do: fc.constant('replay' as const) }),
    fc.record({
      do: fc.constant('pay' as const),
      amount: fc.option(
        fc.bigInt({ min: 1n, max: 5_000n }).map((cents) => cents * 10_000n),
        { nil: undefined },
      ),
    }),
    fc.record({
      do: fc.constant('mark' as const),
      which: fc.nat(STEPS_MAX),
      to: fc.constantFrom('Sent', 'Settled', 'Failed'),
    }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(12 * DAY_MS) }),
  ),
  { minLength: STEPS_MIN, maxLength: STEPS_MAX },
);

/** One creator, with sums kept beside it in the plainest way. */
class Run {
  private creator: Creator = NO_CREATOR;
  private readonly log: CreatorEvent[] = [];
  private readonly shares: { earnedAt: number; left: bigint }[] = [];
  private readonly payouts: PayoutId[] = [];
  private lastSettle: CreatorCommand = settle();
  private now = NOW;
  private position = 0n;
  private earned = 0n;
  negatives = 0;
  recoveries = 0;

  constructor() {
    this.apply([verified()]);
  }

  step(step: Step): void {
    switch (step.do) {
      case 'earn':
        this.shares.push({ earnedAt: this.now, left: step.amount });
        this.earned += step.amount;
        return this.settle(earned((this.position += 1n), step.amount, this.now));
      case 'refund':
        return this.refund(step.which, step.parts);
      case 'replay':
        expect(this.decide(this.lastSettle)).toEqual({ kind: 'accepted', events: [] });
        return;
      case 'pay':
        return this.pay(step.amount);
      case 'mark':
        return this.mark(step.which, step.to);
      case 'wait':
        this.now += step.ms;
        return;
    }
  }

  /** The rules that hold after every step. */
  check(): void {
    const { earned, accrued, payable, inPayout, paid } = this.at(this.now);
    expect(earned).toBe(this.earned);
    expect(accrued + payable + inPayout + paid).toBe(earned);
    expect(accrued >= 0n && inPayout >= 0n && paid >= 0n).toBe(true);
    const byState = this.amountsByState();
    expect({ inPayout, paid }).toEqual(byState);
    // Time alone only moves money from accrued to payable.
    const later = this.at(this.now + 100 * DAY_MS);
    expect(later).toEqual({ earned, accrued: 0n, payable: payable + accrued, inPayout, paid });
    if (payable < 0n) this.negatives += 1;
  }

  private refund(which: number, parts: bigint): void {
    const share = this.shares[which % Math.max(this.shares.length, 1)];
    if (share === undefined || share.left === 0n) return;
    const amount = (share.left + parts - 1n) / parts;
    share.left -= amount;
    this.earned -= amount;
    this.settle(reversed((this.position += 1n), amount, share.earnedAt));
  }

  private pay(amount: bigint | undefined): void {
    const { payable } = this.at(this.now);
    const payoutId = PayoutId.of(`payout-${this.payouts.length}`);
    const decision = this.decide({
      type: 'RequestPayout',
      creatorId: CREATOR,
      payoutId,
      ...(amount === undefined ? {} : { amount }),
    });
    const { payoutMinimum } = STANDARD_CREATOR_TERMS;
    if (decision.kind === 'refused') {
      expect(payable < payoutMinimum || (amount ?? payable) < payoutMinimum || (amount ?? 0n) > payable).toBe(
        true,
      );
      return;
    }
    this.apply(decision.events);
    this.payouts.push(payoutId);
    const after = this.at(this.now).payable;
    expect(after >= 0n).toBe(true);
    expect(payable - after >= payoutMinimum && (payable - after) % 10_000n === 0n).toBe(true);
    if (amount === undefined) expect(after < 10_000n).toBe(true);
    if (this.negatives > 0) this.recoveries += 1;
  }

  private mark(which: number, to: 'Sent' | 'Settled' | 'Failed'): void {
    const payoutId = this.payouts[which % Math.max(this.payouts.length, 1)];
    if (payoutId === undefined) return;
    const command = { creatorId: CREATOR, payoutId } as const;
    const decision = this.decide(
      to === 'Failed'
        ? { ...command, type: 'MarkPayoutFailed', reason: 'other' }
        : { ...command, type: `MarkPayout${to}` },
    );
    if (decision.kind === 'accepted') this.apply(decision.events);
    else expect(decision.refusal.code).toBe('request.invalid');
  }

  private settle(source: SourceToSettle): void {
    const command = settle(source);
    const decision = this.decide(command);
    if (decision.kind === 'refused') throw new Error('settling is never refused');
    expect(decision.events).toHaveLength(1);
    this.apply(decision.events);
    this.lastSettle = command;
  }

  private decide(command: CreatorCommand) {
    const context = { now: this.now, commandId: COMMAND_ID, past: pastOfCreator(this.log) };
    return decideCreator(this.creator, command, context, STANDARD_CREATOR_TERMS);
  }

  private apply(events: readonly CreatorEvent[]): void {
    for (const event of events) {
      this.creator = evolveCreator(this.creator, event);
      this.log.push(event);
    }
  }

  private at(t: number) {
    const { nextMaturityAt: _next, ...amounts } = earningsAt(this.creator, t, STANDARD_CREATOR_TERMS);
    return amounts;
  }

  /** From the log alone: what the last event of each payout says. */
  private amountsByState(): { inPayout: bigint; paid: bigint } {
    let inPayout = 0n;
    let paid = 0n;
    for (const payoutId of this.payouts) {
      const last = this.log.findLast((event) => 'payoutId' in event && event.payoutId === payoutId);
      if (last?.type === 'PayoutRequested' || last?.type === 'PayoutSent') inPayout += last.amount;
      if (last?.type === 'PayoutSettled') paid += last.amount;
    }
    return { inPayout, paid };
  }
}

test('earned = accrued + payable + inPayout + paid, whatever happens in whatever order', () => {
  let negatives = 0;
  let recoveries = 0;
  holds(
    'earnings of a creator',
    RUNS,
    fc.property(steps, (all) => {
      const run = new Run();
      for (const step of all) {
        run.step(step);
        run.check();
      }
      negatives += run.negatives;
      recoveries += run.recoveries;
    }),
  );
  // The sequences reach what the rules are about: less than nothing payable, and a payout after that.
  expect(negatives).toBeGreaterThan(0);
  expect(recoveries).toBeGreaterThan(0);
});
