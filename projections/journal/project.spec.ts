import { charged, logged, opened, paid } from '#test/support/logged-event.js';
import { accounts, entries, journal } from './project.js';

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
