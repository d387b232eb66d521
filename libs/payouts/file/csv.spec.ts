import { expect, test } from '@jest/globals';
import { csvCell, dollars, fileText } from './csv.js';

test.each([
  ['plain', 'plain'],
  ['=1+1', "'=1+1"],
  ['+49', "'+49"],
  ['-5', "'-5"],
  ['@cmd', "'@cmd"],
  ['\tx', "'\tx"],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['=a,"b"', '"\'=a,""b"""'],
  ['two\nlines', '"two\nlines"'],
])('%j is written as %j', (text, cell) => expect(csvCell(text)).toBe(cell));

test.each([
  [1n, '0.01'],
  [99n, '0.99'],
  [100n, '1.00'],
  [123_456n, '1234.56'],
])('%s cents are %s dollars', (cents, text) => expect(dollars(cents)).toBe(text));

test('a file is the same bytes in whatever order its lines come', () => {
  const line = (creatorId: string, payoutId: string) => ({
    creatorId,
    payoutId,
    destination: 'acct-1',
    amountCents: 1_000n,
    currency: 'usd',
  });
  const [a, b, c] = [line('c-1', 'po-1'), line('c-1', 'po-2'), line('c-2', 'po-1')];
  expect(fileText([c, b, a])).toBe(fileText([a, b, c]));
  expect(fileText([a])).toBe(
    'payout_id,creator_id,destination,amount,currency\r\npo-1,c-1,acct-1,10.00,usd\r\n',
  );
});
