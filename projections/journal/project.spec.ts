import { UserId } from '#libs/kernel/ids.js';
import { charged, logged, opened, paid } from '#test/support/logged-event.js';
import { GOLDEN_EVENTS } from '#test/support/ledger/golden-events.js';
import { accounts, entries, type EntryRow, journal } from './project.js';

const posting = (account: string, amount: bigint) => [
  entries.change({ position: 42n, account, amount }),
  accounts.change({ account, balance: amount, entries: 1 }),
];

test('each posting of an event is an entry and moves its account', () => {
  expect(journal.project(logged(charged))).toEqual([
    ...posting('wallet:u-1:monthly', -129n),
    ...posting('wallet:u-1:purchased', -300n),
    ...posting('revenue:inference', 330n),
    ...posting('revenue:creator_fee_share', 19n),
    ...posting('clearing:creator:c-1', 80n),
  ]);
  expect(journal.project(logged(paid))).toEqual([
    ...posting('clearing:creator:c-1', -80n),
    ...posting('creator:c-1:payable', 80n),
  ]);
});

test('an event that moves nothing has no entries', () => {
  expect(journal.project(logged(opened))).toEqual([]);
});

test('an account that moves twice in a batch moves once by the sum', () => {
  const account = 'revenue:inference';
  expect(
    accounts.combine({ account, balance: 5n, entries: 1 }, { account, balance: -2n, entries: 1 }),
  ).toEqual({ account, balance: 3n, entries: 2 });
});

test('what is revoked and refunded is entered too', () => {
  expect(journal.project(logged(GOLDEN_EVENTS['CreditsRevoked.v1']!))).toEqual([
    ...posting('wallet:u-1:purchased', -70n),
    ...posting('expense:uncollected', -20n),
    ...posting('revenue:breakage', -10n),
    ...posting('platform:cash', 105n),
    ...posting('wallet:u-1:refund', -5n),
  ]);
  expect(journal.project(logged(GOLDEN_EVENTS['PayoutSettled.v1']!))).toEqual([
    ...posting('platform:payouts', -12_340_000n),
    ...posting('platform:cash', 12_340_000n),
  ]);
});

test('holds have no entries', () => {
  expect(journal.project(logged(GOLDEN_EVENTS['CreditsHeld.v1']!))).toEqual([]);
  expect(journal.project(logged(GOLDEN_EVENTS['HoldReleased.v1']!))).toEqual([]);
});

test('a posting that is more than a bigint column holds is written as several entries of the same sum', () => {
  const largest = 10n ** 18n - 1n;
  const lots = Array.from({ length: 20 }, (_, i) => ({
    lotId: `lot-${i}`,
    kind: 'purchased' as const,
    origin: 'purchased' as const,
    amount: largest,
    spent: 0n,
    expired: 0n,
  }));
  const closed = journal.project(
    logged({ type: 'CreditsRevoked', userId: UserId.of('u-1'), at: 1, reason: 'closing', lots }),
  );
  const written = closed
    .filter(({ table }) => table === entries)
    .map(({ row }) => row as unknown as EntryRow);
  for (const { amount } of written) expect(BigInt.asIntN(64, amount)).toBe(amount);
  const sumOf = (name: string) =>
    written.reduce((sum, { account, amount }) => (account === name ? sum + amount : sum), 0n);
  expect(sumOf('platform:cash')).toBe(20n * largest);
  expect(sumOf('wallet:u-1:purchased')).toBe(-20n * largest);
});
