import {
  AT,
  bought,
  charged,
  EVENT_ID,
  expired,
  flowRefunded,
  granted,
  held,
  logged,
  opened,
  paid,
  planChanged,
  promptCreated,
  refunded,
  registered,
  reinstated,
  released,
  revoked,
  subscriptionPaid,
  unlocked,
} from '#test/support/logged-event.js';
import { transactions } from './project.js';
import { type TransactionRow, transactionRows } from './rows.js';

const row = (what: Partial<TransactionRow> & Pick<TransactionRow, 'type' | 'amount'>) =>
  transactionRows.change({
    position: 42n,
    userId: 'u-1',
    allowance: 0n,
    uncollected: 0n,
    // What holds have reserved is still in the lots.
    balanceAfter: 740n,
    availableAfter: 700n,
    occurredAtMs: AT,
    eventId: EVENT_ID,
    reference: undefined,
    refundId: undefined,
    holdId: undefined,
    lotId: undefined,
    lotKind: undefined,
    model: undefined,
    creatorId: undefined,
    plan: undefined,
    reason: undefined,
    inference: undefined,
    markup: undefined,
    byokFee: undefined,
    creatorFee: undefined,
    paid: undefined,
    ...what,
  });

test.each([
  [
    'a purchase',
    bought,
    row({ type: 'purchase', amount: 1_000n, reference: 'pay-1', lotId: 'lot-1', lotKind: 'purchased' }),
  ],
  [
    'a monthly grant',
    granted,
    row({ type: 'monthly_grant', amount: 15_000_000n, lotId: 'monthly-2026-03', lotKind: 'monthly' }),
  ],
  [
    'promotional credits',
    { ...bought, kind: 'promo' as const, origin: 'promo' as const, reason: 'welcome' },
    row({
      type: 'promo',
      amount: 1_000n,
      reference: 'pay-1',
      lotId: 'lot-1',
      lotKind: 'promo',
      reason: 'welcome',
    }),
  ],
  [
    'an adjustment',
    { ...bought, kind: 'promo' as const, origin: 'adjustment' as const, reason: 'correction' },
    row({
      type: 'adjustment',
      amount: 1_000n,
      reference: 'pay-1',
      lotId: 'lot-1',
      lotKind: 'promo',
      reason: 'correction',
    }),
  ],
  [
    'an expiry',
    expired,
    row({ type: 'expiry', amount: -250n, lotId: 'monthly-2026-02', lotKind: 'monthly' }),
  ],
  [
    'a charge',
    charged,
    row({
      type: 'prompt_charge',
      amount: -429n,
      reference: 'run-1',
      model: 'gpt-4',
      creatorId: 'c-1',
      inference: 330n,
      markup: 0n,
      byokFee: 0n,
      creatorFee: 99n,
    }),
  ],
  [
    'a charge that an unlimited plan covers in part',
    { ...charged, draws: charged.draws.slice(0, 1), allowance: 300n },
    row({
      type: 'prompt_charge',
      amount: -129n,
      allowance: 300n,
      reference: 'run-1',
      model: 'gpt-4',
      creatorId: 'c-1',
      inference: 330n,
      markup: 0n,
      byokFee: 0n,
      creatorFee: 99n,
    }),
  ],
  [
    'an unlocked flow',
    unlocked,
    row({ type: 'flow_unlock', amount: -7n, reference: 'flow-1', creatorId: 'c-1', creatorFee: 7n }),
  ],
  [
    'a settled hold that left something unpaid',
    { ...charged, holdId: held.holdId, uncollected: 29n },
    row({
      type: 'prompt_charge',
      amount: -429n,
      uncollected: 29n,
      reference: 'run-1',
      holdId: 'hold-1',
      model: 'gpt-4',
      creatorId: 'c-1',
      inference: 330n,
      markup: 0n,
      byokFee: 0n,
      creatorFee: 99n,
    }),
  ],
  [
    'a refund, without what had been revoked',
    refunded,
    row({
      type: 'prompt_refund',
      amount: 70n,
      allowance: 10n,
      uncollected: -20n,
      reference: 'run-1',
      refundId: 'refund-1',
      creatorId: 'c-1',
      reason: 'quality',
      inference: 70n,
      markup: 0n,
      byokFee: 0n,
      creatorFee: 30n,
    }),
  ],
  [
    'a refunded flow',
    flowRefunded,
    row({
      type: 'flow_refund',
      amount: 7n,
      reference: 'flow-1',
      refundId: 'refund-2',
      creatorId: 'c-1',
      reason: 'duplicate',
      creatorFee: 7n,
      occurredAtMs: AT + 9,
    }),
  ],
  [
    'a chargeback',
    revoked,
    row({
      type: 'revocation',
      amount: -600n,
      uncollected: 390n,
      reference: 'pay-1',
      reason: 'chargeback',
      lotId: 'lot-1',
      lotKind: 'purchased',
    }),
  ],
  [
    'a correction of several lots',
    {
      type: 'CreditsRevoked' as const,
      userId: revoked.userId,
      at: AT,
      reason: 'correction' as const,
      lots: [...revoked.lots, ...revoked.lots].map((lot) => ({ ...lot, spent: 0n })),
    },
    row({ type: 'revocation', amount: -1_200n, reason: 'correction' }),
  ],
  [
    'a dispute won',
    reinstated,
    row({
      type: 'reinstatement',
      amount: 609n,
      uncollected: -381n,
      reference: 'pay-1',
      lotId: 'lot-1',
      lotKind: 'purchased',
    }),
  ],
  [
    'a subscription, which moves no credits',
    subscriptionPaid,
    row({ type: 'subscription', amount: 0n, reference: 'pay-2', plan: 'PRO', paid: 20_000_000n }),
  ],
])('%s is one row', (_, event, expected) => {
  expect(transactions.project(logged(event))).toEqual([expected]);
});

test.each([opened, paid, registered, held, released, planChanged, promptCreated])(
  '$type moves no credits of a wallet',
  (event) => {
    expect(transactions.project(logged(event))).toEqual([]);
  },
);

test('a wallet event without a balance is refused by position', () => {
  const metadata = { principal: 'local', key: 'key-1', bodyHash: 'hash-1' };
  expect(() => transactions.project(logged(charged, { metadata }))).toThrow(/position 42 carries no balance/);
});
