import { NO_FUNDING } from '#test/support/ledger/creator-builders.js';
import { type Movement, statementOf } from './statement.js';

const moved = (kind: Movement['kind'], before: bigint, within: bigint, count = 1n): Movement => ({
  kind,
  before,
  within,
  count,
});

const MONTH: readonly Movement[] = [
  moved('owed', 100n, 80n + 6n - 5n - 60n + 20n),
  moved('in_payout', 30n, 60n - 40n - 20n),
  moved('paid', 0n, 40n),
  moved('earned_prompt', 130n, 80n, 2n),
  moved('earned_flow', 0n, 6n),
  moved('reversed_prompt', 0n, 5n),
  moved('funded_purchased', 130n, 70n, 3n),
  moved('funded_uncollected', 0n, 16n),
  moved('payout_requested', 30n, 60n),
  moved('payout_settled', 0n, 40n),
  moved('payout_failed_sent', 0n, 20n),
];

test('opening balances and movements make the closing balances', () => {
  expect(statementOf(MONTH)).toEqual({
    opening: { owed: 100n, inPayout: 30n, paid: 0n },
    earned: { promptRuns: { amount: 80n, count: 2n }, flowUnlocks: { amount: 6n, count: 1n } },
    reversed: { promptRuns: { amount: 5n, count: 1n }, flowUnlocks: { amount: 0n, count: 0n } },
    funding: { ...NO_FUNDING, purchased: 70n, uncollected: 16n },
    payouts: {
      requested: { amount: 60n, count: 1n },
      sent: { amount: 0n, count: 0n },
      settled: { amount: 40n, count: 1n },
      failed: { amount: 20n, count: 1n },
    },
    closing: { owed: 141n, inPayout: 30n, paid: 40n },
  });
});

test.each(['owed', 'in_payout', 'paid', 'earned_flow', 'funded_purchased', 'payout_settled'] as const)(
  'a wrong sum of %s is found',
  (kind) => {
    const wrong = MONTH.map((each) => (each.kind === kind ? { ...each, within: each.within + 1n } : each));
    expect(() => statementOf(wrong)).toThrow('does not add up');
  },
);
