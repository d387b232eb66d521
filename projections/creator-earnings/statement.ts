import type { Funding } from '#libs/ledger/creator/events.js';
import { EARNED_KINDS, FUNDED_KINDS, type MovementKind, REVERSED_KINDS } from './tables.js';

/** What moved of one kind: up to the month, within it (credits), and in how many events. */
export interface Movement {
  readonly kind: MovementKind;
  readonly before: bigint;
  readonly within: bigint;
  readonly count: bigint;
}

export interface AmountAndCount {
  /** Credits. */
  readonly amount: bigint;
  readonly count: bigint;
}

/** What stands at a month's beginning or end, in credits. */
export interface CreatorBalances {
  /** Accrued and payable together; negative after refunds of what was paid out already. */
  readonly owed: bigint;
  readonly inPayout: bigint;
  readonly paid: bigint;
}

/** One month of a creator, from the books: opening balances, everything that moved them, closing balances. */
export interface CreatorStatement {
  readonly opening: CreatorBalances;
  readonly earned: { readonly promptRuns: AmountAndCount; readonly flowUnlocks: AmountAndCount };
  readonly reversed: { readonly promptRuns: AmountAndCount; readonly flowUnlocks: AmountAndCount };
  /** How the month's earnings were funded; the parts sum to them. */
  readonly funding: Funding;
  readonly payouts: {
    readonly requested: AmountAndCount;
    readonly sent: AmountAndCount;
    readonly settled: AmountAndCount;
    /** From whatever state. */
    readonly failed: AmountAndCount;
  };
  readonly closing: CreatorBalances;
}

/**
 * Makes the statement out of its movements.
 * @throws when opening balances and movements do not make the closing balances: the read model is wrong.
 */
export function statementOf(movements: readonly Movement[]): CreatorStatement {
  const byKind = new Map(movements.map((movement) => [movement.kind, movement]));
  const within = (kind: MovementKind): AmountAndCount => {
    const { within: amount = 0n, count = 0n } = byKind.get(kind) ?? {};
    return { amount, count };
  };
  const balances = (of: (movement: Movement) => bigint): CreatorBalances => {
    const balance = (kind: MovementKind): bigint => {
      const movement = byKind.get(kind);
      return movement === undefined ? 0n : of(movement);
    };
    return { owed: balance('owed'), inPayout: balance('in_payout'), paid: balance('paid') };
  };
  const [failedRequested, failedSent, failedSettled] = [
    within('payout_failed_requested'),
    within('payout_failed_sent'),
    within('payout_failed_settled'),
  ];
  const statement: CreatorStatement = {
    opening: balances(({ before }) => before),
    earned: { promptRuns: within('earned_prompt'), flowUnlocks: within('earned_flow') },
    reversed: { promptRuns: within('reversed_prompt'), flowUnlocks: within('reversed_flow') },
    funding: {
      purchased: within('funded_purchased').amount,
      promo: within('funded_promo').amount,
      monthly: within('funded_monthly').amount,
      adjustment: within('funded_adjustment').amount,
      legacy: within('funded_legacy').amount,
      allowance: within('funded_allowance').amount,
      uncollected: within('funded_uncollected').amount,
    },
    payouts: {
      requested: within('payout_requested'),
      sent: within('payout_sent'),
      settled: within('payout_settled'),
      failed: {
        amount: failedRequested.amount + failedSent.amount + failedSettled.amount,
        count: failedRequested.count + failedSent.count + failedSettled.count,
      },
    },
    closing: balances(({ before, within: change }) => before + change),
  };
  const sum = (kinds: readonly MovementKind[]): bigint =>
    kinds.reduce((total, kind) => total + within(kind).amount, 0n);
  checkBalances(statement, {
    earned: sum(EARNED_KINDS),
    reversed: sum(REVERSED_KINDS),
    funded: sum(FUNDED_KINDS),
    returned: failedRequested.amount + failedSent.amount,
    paidBack: failedSettled.amount,
  });
  return statement;
}

interface Sums {
  readonly earned: bigint;
  readonly reversed: bigint;
  readonly funded: bigint;
  /** Failed before it was settled. */
  readonly returned: bigint;
  /** Failed after it was settled. */
  readonly paidBack: bigint;
}

function checkBalances({ opening, closing, payouts }: CreatorStatement, sums: Sums): void {
  const requested = payouts.requested.amount;
  const settled = payouts.settled.amount;
  const expected: CreatorBalances = {
    owed: opening.owed + sums.earned - sums.reversed - requested + sums.returned + sums.paidBack,
    inPayout: opening.inPayout + requested - settled - sums.returned,
    paid: opening.paid + settled - sums.paidBack,
  };
  const differing: string[] = (Object.keys(expected) as (keyof CreatorBalances)[]).filter(
    (name) => expected[name] !== closing[name],
  );
  if (sums.funded !== sums.earned) differing.push('funding');
  if (differing.length > 0) {
    throw new Error(
      `A creator's statement does not add up (${differing.join(', ')}): rebuild the read model creator-earnings.`,
    );
  }
}
