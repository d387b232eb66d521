import assert from 'node:assert/strict';
import fc from 'fast-check';
import { arbitraryLife, arbitraryStep } from '#test/support/ledger/arbitrary-commands.js';
import { termsWith } from '#test/support/ledger/given.js';
import { commandAt, type Intent, type Step } from '#test/support/ledger/intents.js';
import { expectedJournal } from '#test/support/ledger/posting-table/expected.js';
import { NOW, USER } from '#test/support/ledger/wallet-builders.js';
import { WalletLife } from '#test/support/ledger/wallet-life.js';
import { holds } from '#test/support/property.js';
import { balanceOf } from '../wallet/balance.js';
import type { WalletCommand } from '../wallet/commands.js';
import type { LotDraw, RefundParts, WalletEvent } from '../wallet/events.js';
import type { LiveWallet } from '../wallet/state.js';
import { LOT_KINDS } from '../wallet/vocabulary.js';
import { postingsOf } from './postings.js';

/** Random lives checked. */
const PROPERTY_RUNS = 300;
/** Short lives seldom come as far as a refund of what was revoked. */
const STEPS_MIN = 60;
const STEPS_MAX = 120;

/** Small fair-use limits, so that charges are split between allowance and lots, and a fee for own keys. */
const TERMS = termsWith({
  plans: {
    ELITE: {
      monthly: { kind: 'unlimited', covers: ['inference', 'markup', 'byokFee'], fairUse: 40_000n },
    },
    ENTERPRISE: {
      monthly: { kind: 'unlimited', covers: ['inference', 'markup', 'byokFee'], fairUse: 250_000n },
    },
  },
  pricing: { byokFeeBasisPoints: 333n },
});

const anyLife = fc
  .tuple(
    arbitraryLife(STEPS_MAX - STEPS_MIN),
    fc.array(arbitraryStep, { minLength: STEPS_MIN, maxLength: STEPS_MIN }),
  )
  .map(([early, late]) => [...early, ...late]);

const SCARCE: Omit<Extract<Intent, { do: 'hold' }>, 'holdId' | 'runId' | 'creatorFee' | 'estimate'> = {
  do: 'hold',
  model: 'gpt-3.5-turbo',
  byok: false,
  purpose: 'run',
  creatorId: 'c-1',
  ttlMs: 900_000,
};
const few = fc.bigInt(1n, 20_000n);
const back = fc.nat(3);
const id = fc.uuid();
const tokens = fc
  .integer({ min: 1, max: 20_000 })
  .map((outputTokens) => ({ inputTokens: 0, outputTokens, cachedInputTokens: 0, cacheWriteTokens: 0 }));

/** Little is bought and much is run, so that runs go unpaid; and payments are taken back and given again. */
const scarceIntent: fc.Arbitrary<Intent> = fc.oneof(
  fc
    .record({ holdId: id, runId: id, creatorFee: few, above: few })
    .map(({ above, ...hold }): Intent => ({ ...SCARCE, ...hold, estimate: { above } })),
  fc.record({ back, tokens }).map((said): Intent => ({ do: 'settle', feePercent: 100, ...said })),
  fc
    .record({ refundId: id, back, amount: fc.option(few, { nil: undefined }) })
    .map((said): Intent => ({ do: 'refund', reason: 'quality', ...said })),
  fc
    .record({ paymentId: id, amount: few, livesMs: fc.constantFrom(undefined, 3_600_000) })
    .map((said): Intent => ({ do: 'purchase', ...said })),
  fc.record({ do: fc.constantFrom('revoke', 'reinstate'), back }),
  fc.record({ flowId: id, price: few }).map((said): Intent => ({ do: 'unlock', creatorId: 'c-2', ...said })),
);
const scarceLife: fc.Arbitrary<readonly Step[]> = fc
  .array(fc.record({ intent: scarceIntent, afterMs: fc.nat(1_200_000) }), {
    minLength: STEPS_MIN,
    maxLength: STEPS_MAX,
  })
  .map((steps) => [{ intent: { do: 'open', plan: 'FREE', mayGrant: true }, afterMs: 0 }, ...steps]);

const lives = fc.oneof(anyLife, scarceLife);

/** Lets the steps happen; hands over each event with the wallet right after it. */
function live(steps: readonly Step[], seen: (event: WalletEvent, wallet: LiveWallet) => void): void {
  const life = new WalletLife(TERMS);
  const history: WalletCommand[] = [];
  const happen = life.happen.bind(life);
  life.happen = (event) => {
    happen(event);
    if (life.wallet.status === 'none') throw new Error('An event leaves a wallet');
    seen(event, life.wallet);
  };
  const quote = (t: number) => {
    const { policy, rateCard, byokFeeBasisPoints } = TERMS.pricingAt(t);
    return {
      policy: policy.id,
      rateCard: rateCard.id,
      rateCardVersion: rateCard.version,
      byokFeeBasisPoints,
    };
  };
  let now = NOW;
  for (const { intent, afterMs } of steps) {
    now += afterMs;
    const command = commandAt(intent, { now, history, quote });
    history.push(command);
    life.send(command, now);
  }
}

const sumOf = (parts: readonly Pick<LotDraw, 'amount'>[]): bigint =>
  parts.reduce((sum, { amount }) => sum + amount, 0n);

const sumOfComponents = (parts: RefundParts): bigint =>
  parts.inference + parts.markup + parts.byokFee + parts.platformShare + parts.creatorShare;

/** Everything that ever came in, and what became of it, from the events alone. */
class Tally {
  added = 0n;
  spent = 0n;
  expired = 0n;
  revoked = 0n;

  count(event: WalletEvent): void {
    switch (event.type) {
      case 'CreditsAdded':
        this.added += event.amount;
        break;
      case 'CreditsExpired':
        this.expired += event.amount;
        break;
      case 'CreditsRevoked':
        this.revoked += sumOf(event.lots);
        break;
      case 'CreditsReinstated':
        this.revoked -= sumOf(event.lots);
        break;
      case 'PromptCharged':
      case 'FlowUnlocked':
        this.spent += sumOf(event.draws);
        break;
      case 'PromptRefunded':
      case 'FlowUnlockRefunded':
        this.spent -= sumOf(event.restored);
        // A part of a revoked lot comes back to nobody: it counts as taken back instead of spent.
        this.revoked += sumOf(event.restored.filter(({ into }) => into === 'revoked'));
        break;
      default:
        break;
    }
  }
}

/** The accounts of one wallet's books, added up event by event. */
class Books {
  private readonly sums = new Map<string, bigint>();

  enter(event: WalletEvent): void {
    const postings = postingsOf(event);
    assert.equal(sumOf(postings), 0n, `${event.type} does not sum to zero`);
    for (const { account, amount } of postings) {
      assert.notEqual(amount, 0n);
      this.sums.set(account, this.of(account) + amount);
    }
    assert.deepEqual(
      Object.fromEntries(postings.map(({ account, amount }) => [account, amount])),
      expectedJournal(event),
    );
  }

  of(account: string): bigint {
    return this.sums.get(account) ?? 0n;
  }
}

/** What must have happened in some life; a generator that never came so far would prove nothing. */
const MUST_HAPPEN = [
  'BalanceThresholdCrossed',
  'CreditsAdded',
  'CreditsExpired',
  'CreditsHeld',
  'CreditsReinstated',
  'CreditsRevoked chargeback',
  'CreditsRevoked correction',
  'FlowUnlockRefunded',
  'FlowUnlocked',
  'HoldReleased',
  'PlanChanged',
  'PromptCharged',
  'PromptCharged uncollected',
  'PromptRefunded',
  'PromptRefunded lot',
  'PromptRefunded refund_lot',
  'PromptRefunded revoked',
  'SubscriptionPaid',
  'WalletClosed',
] as const;

function namesOf(event: WalletEvent): readonly string[] {
  switch (event.type) {
    case 'CreditsRevoked':
      return [`${event.type} ${event.reason}`];
    case 'PromptCharged':
      return event.uncollected > 0n ? [event.type, `${event.type} uncollected`] : [event.type];
    case 'PromptRefunded':
      return [event.type, ...event.restored.map(({ into }) => `${event.type} ${into}`)];
    default:
      return [event.type];
  }
}

describe('every reachable state of a wallet', () => {
  test('postings sum to zero, lots + spent + expired + revoked = added, accounts equal the balance', () => {
    const seen = new Set<string>();
    holds(
      'wallet invariants over random lives',
      PROPERTY_RUNS,
      fc.property(lives, (steps) => {
        const tally = new Tally();
        const books = new Books();
        let lastAt = 0;
        live(steps, (event, wallet) => {
          for (const name of namesOf(event)) seen.add(name);
          tally.count(event);
          books.enter(event);
          assert.ok(event.at >= lastAt, 'time ran backwards');
          lastAt = event.at;
          const balance = balanceOf(wallet, event.at, TERMS.plansAt(event.at));
          assert.equal(
            balance.available + balance.held + tally.spent + tally.expired + tally.revoked,
            tally.added,
          );
          for (const amount of [balance.available, balance.held, tally.spent, tally.revoked]) {
            assert.ok(amount >= 0n, 'below zero');
          }
          for (const kind of LOT_KINDS) {
            assert.ok(balance[kind] >= 0n, `${kind} below zero`);
            assert.equal(books.of(`wallet:${USER}:${kind}`), balance[kind]);
          }
          assert.equal(books.of('expense:uncollected'), -wallet.uncollected);
          assert.ok(wallet.uncollected >= 0n, 'uncollected below zero');
        });
      }),
    );
    expect([...seen].sort()).toEqual(expect.arrayContaining([...MUST_HAPPEN]));
  });

  test('a charge is paid in full: draws + allowance + uncollected = total, shares = fee', () => {
    holds(
      'a charge is paid in full',
      PROPERTY_RUNS / 3,
      fc.property(lives, (steps) => {
        live(steps, (event) => {
          if (event.type !== 'PromptCharged') return;
          const { total, inference, markup, byokFee, creatorFee, creatorShare, platformShare } = event;
          assert.equal(sumOf(event.draws) + event.allowance + event.uncollected, total);
          assert.equal(inference + markup + byokFee + creatorFee, total);
          assert.equal(creatorShare + platformShare, creatorFee);
          assert.ok(creatorFee === 0n || markup === 0n, 'a fee and a markup');
          assert.ok(event.draws.every(({ amount }) => amount > 0n));
          if (event.holdId === undefined) assert.equal(event.uncollected, 0n);
        });
      }),
    );
  });

  test('a refund goes somewhere in full: parts = restored + allowance + uncollected, never above the charge', () => {
    holds(
      'a refund goes somewhere in full',
      PROPERTY_RUNS / 3,
      fc.property(lives, (steps) => {
        const charges = new Map<string, bigint>();
        live(steps, (event) => {
          if (event.type === 'PromptCharged') charges.set(event.runId, event.total);
          if (event.type !== 'PromptRefunded') return;
          assert.equal(sumOfComponents(event.parts), event.amount);
          assert.equal(sumOf(event.restored) + event.allowance + event.uncollected, event.amount);
          assert.ok(
            sumOfComponents(event.refunded) <= charges.get(event.runId)!,
            'refunded above the charge',
          );
        });
      }),
    );
  });
});
