import { Tally } from '../import-usage/tally.js';
import { inClearing, type TrialBalance } from './settled.js';
import { statementText } from './statement.js';

const trialBalance = (total: string): TrialBalance => ({
  position: 'a1b2c3d4-5120',
  total,
  accounts: [
    { account: 'platform:cash', balance: '-1000' },
    { account: 'clearing:creator:c-1', balance: '800' },
    { account: 'clearing:creator:c-2', balance: '-300' },
    { account: 'creator:c-1:payable', balance: '500' },
  ],
});

function statement(total = '0'): string {
  const tally = new Tally();
  tally.charged = 1_500;
  tally.alreadyCharged = 500;
  tally.addCost({
    inference: 4_000_000n,
    markup: 800_000n,
    creatorFee: 1_003n,
    creatorShare: 803n,
    platformShare: 200n,
    total: 4_801_003n,
  });
  return statementText({
    summary: tally.summary(0.5),
    trialBalance: trialBalance(total),
    settledSeconds: 1.25,
    figures: {
      logEvents: 5_120,
      topCreators: [{ creatorId: 'c-1', earned: 803n, runs: 1n }],
      topModels: [{ model: 'gpt-4', runs: 1_999n, total: 4_800_000n }],
    },
  });
}

test.each([
  '2,000 runs: 1,500 charged now, 500 already there',
  /charged in all +4,801,003 +\$4\.801003/,
  /inference +4,000,000 +\$4\.00/,
  /platform markup +800,000 +\$0\.80/,
  /creators' share +803 +\$0\.000803/,
  /platform's share +200 +\$0\.0002/,
  /c-1 +1 runs +803 credits +\$0\.000803/,
  /gpt-4 +1,999 runs +4,800,000 credits +\$4\.80/,
  /trial balance, sum of all accounts +0 \(balanced\)/,
  /events in the log +5,120/,
  /until every creator was paid +1\.25/,
])('the statement says %s', (text) => {
  if (typeof text === 'string') expect(statement()).toContain(text);
  else expect(statement()).toMatch(text);
});

test('books out of balance are not shown as balanced', () => {
  expect(statement('-1')).toContain('-1 (NOT BALANCED)');
  expect(statement('-1')).not.toContain('(balanced)');
});

test('what waits in clearing is summed over creators', () =>
  expect(inClearing(trialBalance('0'))).toBe(500n));
