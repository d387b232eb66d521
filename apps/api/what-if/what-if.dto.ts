import { ID_EXPECTED, ID_PATTERN } from '#libs/kernel/ids.js';
import { POLICY_IDS } from '#libs/ledger/pricing/policies.js';
import type { Selection } from '#libs/application/what-if/other-terms.js';
import type { Errors } from '../commands/to-command.js';
import { ObjectField, OneOfField, parseUtcTime, TimeField } from '../validation/fields.js';
import type { Rule } from '../validation/rule.js';

const VERSION_MAX = 1_000_000_000;

const afterFrom: Rule = {
  name: 'isAfterFrom',
  message: 'must be later than from',
  test: (to, { from }) => {
    const [start, end] = [parseUtcTime(from), parseUtcTime(to)];
    return start === undefined || end === undefined || end > start;
  },
};

/** Which runs are priced again, and what is to be different. At least one of policy, rateCard and planTable. */
export class WhatIfDto {
  @TimeField({
    description: 'First moment of the span, by when a run took place. Default: the beginning.',
    example: '2026-10-01T00:00:00Z',
    optional: true,
  })
  from?: string;

  @TimeField({
    description: 'First moment behind the span. Default: none, up to the newest run.',
    example: '2026-11-01T00:00:00Z',
    optional: true,
    rules: [afterFrom],
  })
  to?: string;

  @OneOfField(POLICY_IDS, {
    description: 'Pricing policy in place of the one each run was priced by.',
    example: 'graduated-v2',
    optional: true,
  })
  policy?: string;

  @ObjectField({
    description:
      'Rate card in place of the one each run was priced from, by id and version; without version its newest, in force or not yet.',
    example: { id: 'standard', version: 1 },
    optional: true,
  })
  rateCard?: Selection;

  @ObjectField({
    description:
      'Plan table in place of the ones in force, by id and version; without version its newest, in force or not yet.',
    example: { id: 'standard', version: 1 },
    optional: true,
  })
  planTable?: Selection;
}

/** What is wrong inside `rateCard` and `planTable`; that they are objects is judged by the DTO. */
export const selectionErrors = (dto: Partial<WhatIfDto>): Errors => [
  ...insideErrors('rateCard', dto.rateCard),
  ...insideErrors('planTable', dto.planTable),
];

function insideErrors(field: string, raw: unknown): Errors {
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) return [];
  const { id, version, ...others } = raw as Readonly<Record<string, unknown>>;
  const errors = Object.keys(others)
    .slice(0, 10)
    .map((name) => ({
      field: `${field}.${name.slice(0, 128)}`,
      message: 'is not a field; it knows id, version',
    }));
  if (typeof id !== 'string' || !ID_PATTERN.test(id))
    errors.push({ field: `${field}.id`, message: `must be ${ID_EXPECTED}` });
  if (version !== undefined && !isVersion(version))
    errors.push({ field: `${field}.version`, message: `must be a JSON integer from 1 to ${VERSION_MAX}` });
  return errors;
}

const isVersion = (raw: unknown): boolean =>
  typeof raw === 'number' && Number.isInteger(raw) && raw >= 1 && raw <= VERSION_MAX;
