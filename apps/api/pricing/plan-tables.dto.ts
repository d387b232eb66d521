import { PLAN_NAMES } from '#libs/ledger/plans/plan-table.js';
import type { RawCredits } from '../commands/to-command.js';
import { CreditsField, IdField } from '../validation/fields.js';
import { EffectiveFromField, PLAN_SCHEMA, RecordField } from './publication-fields.js';

const EXAMPLE = {
  monthly: { kind: 'granted', planCredits: '10' },
  privatePrompts: { kind: 'limited', max: 3 },
  testRuns: { kind: 'limited', max: 100 },
  storageBytes: { kind: 'limited', max: 1_000_000_000 },
  models: ['deepseek', 'gpt-3.5-turbo'],
  privateModels: false,
  byok: false,
};

export class PublishPlansDto {
  @IdField({
    description:
      'Plan table: a known one gets its next version, a new one its first. The newest of all is in force.',
    example: 'standard',
  })
  table!: string;

  @EffectiveFromField()
  effectiveFrom!: string;

  @CreditsField({ description: 'Credits of one plan credit, 1 or more.', example: '10000', min: 1 })
  planCredit!: RawCredits;

  @RecordField({
    description: 'The four plans, each whole.',
    example: Object.fromEntries(PLAN_NAMES.map((name) => [name, EXAMPLE])),
    schema: {
      type: 'object',
      additionalProperties: false,
      required: [...PLAN_NAMES],
      properties: Object.fromEntries(PLAN_NAMES.map((name) => [name, PLAN_SCHEMA])),
    },
  })
  plans!: object;
}
