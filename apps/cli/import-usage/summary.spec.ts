import { creditsText, summaryText } from './summary-text.js';
import { Tally } from './tally.js';

const cost = {
  inference: 100n,
  markup: 20n,
  creatorFee: 7n,
  creatorShare: 6n,
  platformShare: 1n,
  total: 127n,
};

test('the summary has the fields of the interface, in its order', () => {
  const tally = new Tally();
  tally.charged = 2;
  tally.alreadyCharged = 1;
  tally.differs = 3;
  tally.refused = 4;
  tally.malformed = 5;
  tally.addCost(cost);
  tally.addCost(cost);
  expect(JSON.stringify(tally.summary(1.23456))).toBe(
    '{"rows":15,"charged":2,"alreadyCharged":1,"differs":3,"refused":4,"malformed":5,"seconds":1.235,' +
      '"totals":{"inference":"200","markup":"40","creatorFee":"14","creatorShare":"12","platformShare":"2","total":"254"}}',
  );
});

test('totals stay exact beyond what floating point can hold', () => {
  const tally = new Tally();
  for (let i = 0; i < 3; i++) tally.addCost({ ...cost, total: 9_007_199_254_740_993n });
  expect(tally.summary(0).totals.total).toBe('27021597764222979');
});

test.each([
  ['charged', true],
  ['alreadyCharged', true],
  ['differs', false],
  ['refused', false],
  ['malformed', false],
] as const)('a row that is %s leaves the import clean: %p', (kind, clean) => {
  const tally = new Tally();
  tally[kind]++;
  expect(tally.clean).toBe(clean);
});

test('people read counts, credits and dollars', () => {
  const tally = new Tally();
  tally.charged = 2_000;
  tally.addCost({ ...cost, total: 4_998_448n });
  const text = summaryText(tally.summary(1), {});
  expect(text).toContain('2,000 rows in 1.0 s');
  expect(text).toMatch(/charged in all +4,998,448 +\$4\.998448/);
  expect(text).not.toMatch(/refused|malformed|differs/);
});

test('people read what went wrong and where', () => {
  const tally = new Tally();
  tally.refused = 1;
  const text = summaryText(tally.summary(1), { rejectsPath: 'x.rejects.csv' });
  expect(text).toMatch(/refused +1/);
  expect(text).toContain('x.rejects.csv');
});

test('amounts are grouped', () => expect(creditsText('1500000')).toBe('1,500,000 credits  $1.50'));
