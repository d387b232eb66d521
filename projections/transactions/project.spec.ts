import {
  AT,
  bought,
  charged,
  EVENT_ID,
  expired,
  granted,
  logged,
  opened,
  paid,
  registered,
  unlocked,
} from '#test/support/logged-event.js';
import { type TransactionRow, transactionRows, transactions } from './project.js';

const row = (what: Partial<TransactionRow> & Pick<TransactionRow, 'type' | 'amount'>) =>
  transactionRows.change({
    position: 42n,
    userId: 'u-1',
    allowance: 0n,
    balanceAfter: 700n,
    occurredAtMs: AT,
    eventId: EVENT_ID,
    reference: undefined,
    lotId: undefined,
    lotKind: undefined,
    model: undefined,
    creatorId: undefined,
    reason: undefined,
    inference: undefined,
    markup: undefined,
    byokFee: undefined,
    creatorFee: undefined,
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
])('%s is one row', (_, event, expected) => {
  expect(transactions.project(logged(event))).toEqual([expected]);
});

test.each([opened, paid, registered])('$type moves no credits of a wallet', (event) => {
  expect(transactions.project(logged(event))).toEqual([]);
});

test('a wallet event without a balance is refused by position', () => {
  const metadata = { principal: 'local', key: 'key-1', bodyHash: 'hash-1' };
  expect(() => transactions.project(logged(charged, { metadata }))).toThrow(/position 42 carries no balance/);
});
