import fc from 'fast-check';
import { PayoutId, UserId } from '#libs/kernel/ids.js';
import type { CreatorCommand, SourceToSettle } from '#libs/ledger/creator/commands.js';
import { decideCreator } from '#libs/ledger/creator/decide.js';
import type { CreatorEvent } from '#libs/ledger/creator/events.js';
import { creatorIdsOf } from '#libs/ledger/creator/ids.js';
import { type Creator, earningsAt, evolveCreator, NO_CREATOR } from '#libs/ledger/creator/state.js';
import { STANDARD_CREATOR_TERMS } from '#libs/ledger/creator/terms.js';
import { PAYOUT_FAILURE_REASONS } from '#libs/ledger/creator/vocabulary.js';
import { NOW, USER } from '#test/support/ledger/wallet-builders.js';
import { DAY_MS, HOUR_MS } from '#test/support/model/calendar.js';
import { ModelCreator } from '#test/support/model/creator.js';
import { patience, showed, sized } from '#test/support/proof.js';
import { printedSeed } from '#test/support/property.js';

const RUNS = sized({ everyday: 200, full: 5_000 });
const COMMANDS_MAX = 100;
const PATIENCE_MS = patience({ everyday: 60_000, full: 600_000 });
const CREATOR = UserId.of('c-1');
const CENT = 10_000n;

type Wish =
  | { readonly do: 'earn'; readonly amount: bigint; readonly agoMs: number }
  | { readonly do: 'reverse'; readonly back: number; readonly percent: bigint }
  | { readonly do: 'settleAgain'; readonly back: number }
  | { readonly do: 'verify' }
  | { readonly do: 'request'; readonly id: number; readonly amount: bigint | undefined }
  | { readonly do: 'sent' | 'settled' | 'failed'; readonly id: number };

const payout = fc.nat(12);
const amount = fc.oneof(fc.bigInt(1n, 9_999n), fc.bigInt(1n, 40_000_000n));
const wish: fc.Arbitrary<Wish> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('earn' as const),
      amount,
      agoMs: fc.oneof(fc.nat(HOUR_MS), fc.nat(3 * DAY_MS)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('reverse' as const),
      back: fc.nat(9),
      percent: fc.bigInt(1n, 100n),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('settleAgain' as const), back: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'verify' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('request' as const),
      id: payout,
      amount: fc.oneof(
        fc.constant(undefined),
        fc.bigInt(1n, 3_000n).map((cents) => cents * CENT),
      ),
    }),
  },
  ...(['sent', 'settled', 'failed'] as const).map((what) => ({
    weight: what === 'failed' ? 1 : 3,
    arbitrary: fc.record({ do: fc.constant(what), id: payout }),
  })),
);
const life = fc.array(
  fc.record({
    wish,
    afterMs: fc.oneof(
      { weight: 3, arbitrary: fc.nat(6 * HOUR_MS) },
      { weight: 2, arbitrary: fc.nat(9 * DAY_MS) },
      { weight: 1, arbitrary: fc.integer({ min: -DAY_MS, max: 0 }) },
    ),
  }),
  { maxLength: COMMANDS_MAX, size: 'max' },
);

/** A creator decided by the ledger's own code beside the model. */
class Comparison {
  private creator: Creator = NO_CREATOR;
  private readonly model = new ModelCreator();
  private readonly events: CreatorEvent[] = [];
  private readonly revisions = new Map<string, number>();
  private readonly settled: SourceToSettle[] = [];
  private now = NOW;

  step(asked: Wish, afterMs: number): string {
    this.now += afterMs;
    const command = this.commandOf(asked);
    const past = {
      revisionOf: (id: string) => this.revisions.get(id),
      eventAt: (revision: number) => this.events[revision]!,
    };
    const context = { now: this.now, commandId: '0'.repeat(32), past };
    const decision = decideCreator(this.creator, command, context, STANDARD_CREATOR_TERMS);
    const expected = this.model.send(command, this.now);
    if (decision.kind === 'refused') {
      const { errors: _, ...refused } = { errors: undefined, ...decision.refusal };
      expect({ asked, done: false, ...refused }).toEqual({ asked, ...expected });
      return `${asked.do}: ${decision.refusal.code}`;
    }
    for (const event of decision.events) {
      for (const id of creatorIdsOf(event)) this.revisions.set(id, this.events.length);
      this.events.push(event);
      this.creator = evolveCreator(this.creator, event);
    }
    const t = this.creator.status === 'none' ? this.now : Math.max(this.now, this.creator.lastAt);
    const { nextMaturityAt: _, ...earnings } = earningsAt(this.creator, t, STANDARD_CREATOR_TERMS);
    expect({ asked, done: true, earnings }).toEqual({ asked, ...expected });
    return `${asked.do}: done`;
  }

  private commandOf(asked: Wish): CreatorCommand {
    const creatorId = CREATOR;
    switch (asked.do) {
      case 'earn':
        return this.settle({ kind: 'earned', amount: asked.amount, earnedAt: this.now - asked.agoMs });
      case 'reverse': {
        const earned = this.settled.filter(({ kind }) => kind === 'earned').at(-1 - asked.back);
        if (earned === undefined) return { type: 'SettleSources', creatorId, sources: [] };
        const part = (earned.amount * asked.percent) / 100n;
        return this.settle({ kind: 'reversed', amount: part > 0n ? part : 1n, earnedAt: earned.earnedAt });
      }
      case 'settleAgain':
        return { type: 'SettleSources', creatorId, sources: this.settled.slice(-1 - asked.back) };
      case 'verify':
        return { type: 'VerifyPayoutDestination', creatorId, provider: 'bank', reference: 'account-1' };
      case 'request': {
        const payoutId = PayoutId.of(`payout-${asked.id}`);
        const { amount: all } = asked;
        return { type: 'RequestPayout', creatorId, payoutId, ...(all === undefined ? {} : { amount: all }) };
      }
      case 'sent':
        return { type: 'MarkPayoutSent', creatorId, payoutId: PayoutId.of(`payout-${asked.id}`) };
      case 'settled':
        return { type: 'MarkPayoutSettled', creatorId, payoutId: PayoutId.of(`payout-${asked.id}`) };
      case 'failed': {
        const [reason] = PAYOUT_FAILURE_REASONS;
        return { type: 'MarkPayoutFailed', creatorId, payoutId: PayoutId.of(`payout-${asked.id}`), reason };
      }
    }
  }

  private settle(share: { kind: 'earned' | 'reversed'; amount: bigint; earnedAt: number }): CreatorCommand {
    const position = BigInt(this.settled.length + 1);
    const kind = share.kind === 'earned' ? ('prompt' as const) : ('prompt_refund' as const);
    const source = { kind, position, eventId: `event-${position}`, userId: USER, reference: 'run-1' };
    const { amount: all, earnedAt } = share;
    const funding = {
      purchased: all,
      promo: 0n,
      monthly: 0n,
      adjustment: 0n,
      legacy: 0n,
      allowance: 0n,
      uncollected: 0n,
    };
    const settled: SourceToSettle =
      share.kind === 'earned'
        ? { kind: 'earned', source, amount: all, earnedAt, funding }
        : { kind: 'reversed', source, amount: all, earnedAt };
    this.settled.push(settled);
    return { type: 'SettleSources', creatorId: CREATOR, sources: [settled] };
  }
}

describe('G9: creators equal the model', () => {
  test(
    'random earnings, refunds and payouts: every answer and every split of the earnings alike',
    () => {
      const seed = printedSeed('creators equal model', RUNS);
      const seen = new Set<string>();
      let commands = 0;
      fc.assert(
        fc.property(life, (steps) => {
          const comparison = new Comparison();
          for (const { wish: asked, afterMs } of steps) seen.add(comparison.step(asked, afterMs));
          commands += steps.length;
        }),
        { numRuns: RUNS, seed },
      );
      showed({
        guarantee: 'G9',
        proof: 'pure, creators',
        seed,
        figures: { runs: RUNS, commands, 'kinds of answer': seen.size },
      });
      expect([...seen]).toEqual(
        expect.arrayContaining([
          'request: done',
          'request: creator.not_found',
          'request: payout.no_destination',
          'request: payout.nothing_payable',
          'request: payout.below_minimum',
          'sent: done',
          'settled: done',
          'settled: payout.not_found',
          'settled: request.invalid',
          'failed: done',
        ]),
      );
    },
    PATIENCE_MS,
  );
});
