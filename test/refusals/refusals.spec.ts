import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BARE_REFUSALS, type RefusalCode } from '#libs/ledger/refusal.js';
import { refusalsReference } from './document.js';
import { REFUSAL_TABLE } from './table.js';

/** Refused by the application before a decider is asked. */
const NOT_BY_DECIDERS: readonly RefusalCode[] = ['request.id_reused', 'ratecard.not_found'];

/** The order that the domain rules give, section 4; a command's rows follow it as far as they are in it. */
const DIRECT = [
  'wallet.not_found',
  'wallet.closed',
  'wallet.frozen',
  'hold.id_used',
  'run.already_charged',
  'quote.expired',
  'model.unpriced',
  'plan.model_not_included',
  'plan.byok_not_included',
  'plan.test_runs_exhausted',
  'wallet.insufficient_credits',
];
const SETTLE = ['hold.not_found', 'hold.closed', 'run.already_charged', 'hold.expired', 'request.invalid'];

describe.each(REFUSAL_TABLE.map((refused) => [refused.command, refused] as const))(
  '%s',
  (_name, { rows }) => {
    test.each(rows.map((row) => [row.code, row.when, row] as const))('%s: %s', (code, _when, row) => {
      expect(row.decide()).toMatchObject({ kind: 'refused', refusal: { code } });
    });
  },
);

describe('the table', () => {
  const codesOf = (command: string) =>
    REFUSAL_TABLE.find((refused) => refused.command === command)!.rows.map(({ code }) => code);

  test('has a row for every code that a decider can give', () => {
    const rows = new Set<string>(REFUSAL_TABLE.flatMap((refused) => refused.rows.map(({ code }) => code)));
    const all: readonly RefusalCode[] = [
      ...BARE_REFUSALS,
      'request.invalid',
      'wallet.insufficient_credits',
      'model.unpriced',
      'plan.model_not_included',
      'run.already_charged',
      'refund.exceeds_charge',
      'payout.below_minimum',
      'payout.nothing_payable',
    ];
    expect([...rows].sort()).toEqual(all.filter((code) => !NOT_BY_DECIDERS.includes(code)).sort());
  });

  test('a direct charge and a hold are checked in the order of the rules', () => {
    expect(codesOf('Charge a prompt')).toEqual(DIRECT.filter((code) => code !== 'hold.id_used'));
    expect(codesOf('Authorise a run').filter((code) => code !== 'request.invalid')).toEqual(DIRECT);
  });

  test('a settle is refused with nothing else, in the order of the rules', () => {
    expect([...new Set(codesOf('Settle a hold'))]).toEqual(['wallet.not_found', ...SETTLE]);
  });

  test('docs/reference/refusals.md is made of it: npm run docs:refusals', () => {
    const file = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'refusals.md');
    expect(readFileSync(file, 'utf8')).toBe(refusalsReference());
  });
});
