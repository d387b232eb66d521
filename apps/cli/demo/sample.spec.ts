import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageSample } from '../../../examples/generate-usage-sample.mjs';
import { STANDARD_RATE_CARD } from '#libs/ledger/pricing/rate-card.js';
import { CsvReader } from '../files/csv.js';
import { type ChargeItem, chargeOfRow, LEDGER_FORM } from '../import-usage/forms.js';
import { DEFAULT_USAGE_OPTIONS } from '../import-usage/options.js';
import { PROJECT_ROOT } from '../project-root.js';

const text = readFileSync(join(PROJECT_ROOT, 'examples', 'usage-sample.csv'), 'utf8');

function items(): ChargeItem[] {
  const reader = new CsvReader();
  const [, ...records] = [...reader.push(text), ...reader.end()];
  return records.map(({ cells }, index) => {
    const charge = chargeOfRow(LEDGER_FORM, cells, { index, runPrefix: '', options: DEFAULT_USAGE_OPTIONS });
    if (!charge.ok) throw new Error(charge.error);
    return charge.value;
  });
}

test('the sample is what its generator writes: node examples/generate-usage-sample.mjs', () => {
  expect(usageSample() === text).toBe(true);
});

test('the sample shows what a day of usage holds', () => {
  const sample = items();
  const distinct = (field: keyof ChargeItem): Set<unknown> => new Set(sample.map((item) => item[field]));
  expect(sample).toHaveLength(2_000);
  expect(distinct('runId').size).toBe(2_000);
  expect(distinct('userId').size).toBe(40);
  expect(distinct('creatorId').size).toBe(1 + 8);
  expect([...distinct('model')].sort()).toEqual([...STANDARD_RATE_CARD.models.keys()].sort());
  expect(sample.every(({ ranAt }) => ranAt.startsWith('2026-11-03T'))).toBe(true);
  const ownPrompts = sample.filter(({ userId, creatorId }) => userId === creatorId);
  const withoutCreator = sample.filter(({ creatorId }) => creatorId === undefined);
  expect(ownPrompts.length).toBeGreaterThan(10);
  expect(withoutCreator.length).toBeGreaterThan(500);
  expect(sample.some(({ creatorFee }) => Number(creatorFee ?? 0) % 5 !== 0)).toBe(true);
});
