import { POLICY_IDS } from '#libs/ledger/pricing/policies.js';
import { IdField, OneOfField, WholeField } from '../validation/fields.js';
import {
  ALIAS_SCHEMA,
  EffectiveFromField,
  ItemsField,
  PUBLISHED_MODEL_SCHEMA,
} from './publication-fields.js';

const BASIS_POINTS_MAX = 10_000;

export class PublishRateCardDto {
  @IdField({
    description: 'Rate card: a known one gets its next version, a new one its first.',
    example: 'standard',
  })
  rateCard!: string;

  @EffectiveFromField()
  effectiveFrom!: string;

  @ItemsField({
    description:
      'Every model with a price, at most 2,000 with the aliases: one that is left out has none any more.',
    example: [{ model: 'gpt-4', input: '30000000', output: '60000000' }],
    schema: PUBLISHED_MODEL_SCHEMA,
  })
  models!: readonly unknown[];

  @ItemsField({
    description: 'Other names of these models. Plans list the requested name.',
    example: [],
    schema: ALIAS_SCHEMA,
    optional: true,
  })
  aliases?: readonly unknown[];
}

export class ActivatePolicyDto {
  @OneOfField(POLICY_IDS, { description: 'Pricing policy.', example: 'graduated-v2' })
  policy!: string;

  @IdField({ description: 'Rate card it prices by: always the version in force.', example: 'standard' })
  rateCard!: string;

  @EffectiveFromField()
  effectiveFrom!: string;

  @WholeField({
    description:
      "Share of the notional inference asked from runs on the user's own provider key, in 1/10,000. Default 0.",
    example: 0,
    min: 0,
    max: BASIS_POINTS_MAX,
    optional: true,
  })
  byokFeeBasisPoints?: number;
}
